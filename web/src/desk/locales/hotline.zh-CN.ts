export const hotlineZh = { title: '事项' }

export type HotlineWords = typeof hotlineZh
