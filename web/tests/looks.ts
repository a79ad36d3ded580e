import { expect, type Page } from './harness'
import { fitsFingers } from './touch'

/** The looks that everything is seen in: each colour and each print in Chinese; in English, whose words are longer, the tightest one. */
const looks = {
  zh: [
    ['light', 'normal'],
    ['dark', 'normal'],
    ['light', 'large'],
  ],
  en: [['dark', 'large']],
} as const

/** Audits what is shown now in every look, without loading it anew: a dialog stays open, a form stays filled in. */
export async function inEveryLook(page: Page, audit: (what: string) => Promise<void>, what: string) {
  const language = await page.evaluate(() => (document.documentElement.lang === 'en' ? 'en' : 'zh'))
  for (const [theme, print] of looks[language]) {
    const look = `${what}, ${language}, ${theme}, ${print}`
    await page.evaluate(([theme, print]) => Object.assign(document.documentElement.dataset, { theme, print }), [theme, print] as const)
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => undefined))).then(() => undefined))
    await audit(look)
    const wide = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('dialog')]
        .filter((e) => e.scrollWidth > e.clientWidth)
        .map((e) => `${e.tagName} ${e.scrollWidth} > ${e.clientWidth}`),
    )
    expect(wide, `${look}: wider than its window`).toEqual([])
    await fitsFingers(page, look)
  }
  await page.evaluate(() => Object.assign(document.documentElement.dataset, { theme: 'light', print: 'normal' }))
}
