import type { HotlineWords } from './hotline.zh-CN'

export const hotlineEn: HotlineWords = { title: 'Cases' }
