import type { ListWords } from './list.zh-CN'

export const listEn: ListWords = { title: 'Cases' }
