import type { Words } from './zh-CN'

export const en: Words = { title: 'Today' }
