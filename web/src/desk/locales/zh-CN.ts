export const zh = { title: '待我处理' }
export type Words = typeof zh
