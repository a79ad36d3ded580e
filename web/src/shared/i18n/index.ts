import { markRaw } from 'vue'
import { createI18n } from 'vue-i18n'
import { preferences } from '../preferences'
import { typeset } from './punctuation'
import { common, type Language, type Words } from './words'

export type { Language, Words }

/** A text in both languages, as the server sends it. */
export type Text = { zh: string; en?: string }

type Tree = { [key: string]: string | Tree }

const i18n = createI18n({ legacy: false, locale: preferences.language, fallbackLocale: 'zh-CN', messages: {} as Record<Language, Tree> })

let face: { name: string; words: Words } | undefined
const loaded = new Set<Language>()

async function load(tag: Language) {
  if (!face || loaded.has(tag)) return
  const [shared, own] = await Promise.all([common[tag](), face.words[tag]()])
  // raw: words do not change, and to watch each of them costs a slow phone a tenth of a second
  i18n.global.setLocaleMessage(tag, markRaw({ ...(shared as Tree), [face.name]: own as Tree }))
  loaded.add(tag)
}

/** Makes the translator of a face: its own words beside the shared ones, under the name of the face. */
export async function translator(name: string, words: Words) {
  face = { name, words }
  await speak(preferences.language)
  return i18n
}

export function language(): Language {
  return i18n.global.locale.value as Language
}

/** Changes the language of the face and remembers it on this device. Without its words nothing changes. */
export async function speak(tag: Language) {
  await load(tag)
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
