import type { Words } from './zh-CN'

export const en: Words = { title: 'What would you like to tell us?' }
