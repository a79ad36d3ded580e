export const adminZh = { nav: '管理' }
export type AdminWords = typeof adminZh
