export const zh = { title: '今天' }
export type Words = typeof zh
