import { expect, type Page } from './harness'
import { zh as deskZh } from '../src/desk/locales/zh-CN'
import { en as deskEn } from '../src/desk/locales/en'
import { zh as sharedZh } from '../src/shared/i18n/zh-CN'
import { en as sharedEn } from '../src/shared/i18n/en'

// What is left of the Chinese interface on an English screen. The content of the county is Chinese and stays: names,
// addresses, what people wrote. Words of the interface are those of the locale files, and those that the server sends in
// both languages.

type Tree = { [key: string]: string | Tree }

const han = /\p{Script=Han}/u
/** Only what is read: a text is set with other punctuation than it was written. */
const bare = (text: string) => text.replace(/[\s\p{P}\p{S}]/gu, '')

function pairs(zh: Tree, en: Tree): [string, string][] {
  return Object.entries(zh).flatMap(([key, value]) => {
    const other = en[key]
    if (typeof value === 'string') return typeof other === 'string' ? [[value, other] as [string, string]] : []
    return typeof other === 'object' ? pairs(value, other) : []
  })
}

const own = [...pairs(sharedZh as Tree, sharedEn as Tree), ...pairs(deskZh as Tree, deskEn as Tree)].filter(
  ([zh, en]) => han.test(zh) && !han.test(en),
)
const fixed = new Set(own.filter(([zh]) => !zh.includes('{')).map(([zh]) => bare(zh)))
/** With values in them; those with few words of their own would be found in anything. */
const filled = own
  .filter(([zh]) => zh.includes('{') && bare(zh.replace(/\{\w+\}/g, '')).length > 2)
  .map(
    ([zh]) =>
      new RegExp(
        `^${zh
          .split(/\{\w+\}/)
          .map(bare)
          .join('.+')}$`,
        'u',
      ),
  )
const roots = [...Object.keys(sharedZh), 'desk'].join('|')
const key = new RegExp(`(?:^|\\s)(?:${roots})\\.[a-z][A-Za-z0-9]*(?:\\.[A-Za-z0-9-]+)*(?:$|\\s)`)

/** Hears from now on what the server says in both languages; the answer looks at what is shown. */
export function english(page: Page) {
  const said = new Map<string, string>()
  const note = (value: unknown) => {
    if (Array.isArray(value)) value.forEach(note)
    else if (value && typeof value === 'object') {
      const { zh, en } = value as { zh?: unknown; en?: unknown }
      if (typeof zh === 'string' && typeof en === 'string' && en && !han.test(en)) said.set(bare(zh), en)
      Object.values(value).forEach(note)
    }
  }
  page.on('response', (answer) => {
    if (answer.url().includes('/api/v1/') && answer.headers()['content-type']?.includes('json'))
      void answer.json().then(note, () => undefined)
  })
  return async (what: string) => {
    const shown = await page.evaluate(() => {
      const found = new Set<string>()
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let node = walk.nextNode(); node; node = walk.nextNode())
        if (node.parentElement?.checkVisibility() && node.textContent?.trim()) found.add(node.textContent.trim())
      for (const e of document.body.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
        for (const name of ['aria-label', 'title', 'placeholder', 'alt']) if (e.getAttribute(name)) found.add(e.getAttribute(name)!)
      return [...found, document.title]
    })
    const left = shown.filter((text) => {
      if (key.test(text)) return true
      if (!han.test(text)) return /[、。，；：！？]/.test(text)
      return text
        .split(/[·,;:/→()（）：]|\s-\s/)
        .map(bare)
        .some((part) => part && (fixed.has(part) || said.has(part) || filled.some((f) => f.test(part))))
    })
    expect.soft(left, `${what}: not in English`).toEqual([])
  }
}
