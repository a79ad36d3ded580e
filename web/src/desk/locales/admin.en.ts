import type { AdminWords } from './admin.zh-CN'

export const adminEn: AdminWords = { nav: 'Administration' }
