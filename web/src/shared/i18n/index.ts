import { createI18n } from 'vue-i18n'
import { preferences } from '../preferences'
import { en } from './en'
import { typeset } from './punctuation'
import { zh } from './zh-CN'

export type Language = 'zh-CN' | 'en'

/** A text in both languages, as the server sends it. */
export type Text = { zh: string; en?: string }

type Tree = { [key: string]: string | Tree }

const i18n = createI18n({
  legacy: false,
  locale: preferences.language,
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh as Tree, en: en as Tree },
})

/** Makes the translator of a face: its own words beside the shared ones, under the name of the face. */
export function translator<W extends object>(face: string, words: Record<Language, W>) {
  for (const tag of ['zh-CN', 'en'] as const) i18n.global.mergeLocaleMessage(tag, { [face]: words[tag] })
  speak(preferences.language)
  return i18n
}

export function language(): Language {
  return i18n.global.locale.value as Language
}

/** Changes the language of the face and remembers it on this device. */
export function speak(tag: Language) {
  i18n.global.locale.value = tag
  preferences.language = tag
  document.documentElement.lang = tag
}

export const t = i18n.global.t

/** The text of the server in the reader's language; Chinese where there is no other. */
export function say(text: Text | undefined | null): string {
  if (!text) return ''
  return language() === 'en' && text.en ? text.en : typeset(text.zh)
}
