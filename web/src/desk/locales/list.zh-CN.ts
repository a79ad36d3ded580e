export const listZh = { title: '事项' }

export type ListWords = typeof listZh
