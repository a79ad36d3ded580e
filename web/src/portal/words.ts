import type { Words } from '@/shared/i18n/words'

/** The portal's own words. */
export const words: Words = {
  'zh-CN': () => import('./locales/zh-CN').then((m) => m.zh),
  en: () => import('./locales/en').then((m) => m.en),
}
