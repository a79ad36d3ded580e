export type Language = 'zh-CN' | 'en'

/** Where words are; those of a language are loaded when somebody reads it. */
export type Words = Record<Language, () => Promise<object>>

/** The words that all faces share. */
export const common: Words = {
  'zh-CN': () => import('./zh-CN').then((m) => m.zh),
  en: () => import('./en').then((m) => m.en),
}
