export const zh = { title: '有什么事要说？' }
export type Words = typeof zh
