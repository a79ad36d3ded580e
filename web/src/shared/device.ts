/** What somebody chose on this device. It holds nothing about people and nothing of the work. */
export type Preferences = { language: 'zh-CN' | 'en'; theme: 'auto' | 'light' | 'dark'; print: 'normal' | 'large' }

const key = 'linli-preferences'

/** WeChat's built-in browser: it may clear what it keeps, and it neither prints nor downloads. */
export const inWeChat = () => /MicroMessenger/i.test(navigator.userAgent)

/** What was chosen before; an address may ask for a language (?lang=en). */
export function readPreferences(): Preferences {
  const start: Preferences = { language: navigator.language.startsWith('en') ? 'en' : 'zh-CN', theme: 'auto', print: 'normal' }
  let stored: Partial<Preferences> = {}
  try {
    stored = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>
  } catch {
    // storage is switched off: choices last until the page is left
  }
  const asked = new URLSearchParams(location.search).get('lang')
  return { ...start, ...stored, ...(asked === 'en' ? { language: asked } : asked === 'zh' ? { language: 'zh-CN' } : {}) }
}

export function keepPreferences(preferences: Preferences) {
  try {
    localStorage.setItem(key, JSON.stringify(preferences))
  } catch {
    // see readPreferences
  }
}

/** Lets the style sheets know. */
export function showPreferences({ theme, print }: Preferences) {
  const root = document.documentElement
  if (theme === 'auto') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  root.dataset['print'] = print
}
