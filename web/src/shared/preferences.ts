import { reactive, watch } from 'vue'

/** What somebody chose on this device. It holds nothing about people and nothing of the work. */
const key = 'linli-preferences'

type Preferences = { language: 'zh-CN' | 'en'; theme: 'auto' | 'light' | 'dark'; print: 'normal' | 'large' }

function read(): Preferences {
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

export const preferences = reactive<Preferences>(read())

function show() {
  const root = document.documentElement
  if (preferences.theme === 'auto') delete root.dataset['theme']
  else root.dataset['theme'] = preferences.theme
  root.dataset['print'] = preferences.print
}

watch(preferences, () => {
  show()
  try {
    localStorage.setItem(key, JSON.stringify(preferences))
  } catch {
    // see read
  }
})
show()
