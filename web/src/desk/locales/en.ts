import type { Words } from './zh-CN'

export const en: Words = { title: 'Waiting for me' }
