import { copyFileSync, mkdirSync } from 'node:fs'
import { expect, test } from '../harness'
import { faces, signIn } from '../screens'

// Every screen at phone and desktop size, light and dark, in both languages, into docs/images/screens (PICTURES names
// another folder, ONLY a face, SHOWN=1 those of the documentation, PRINT=large takes them in large print). None may be wider than its window.
const folder = process.env['PICTURES'] ?? '../docs/images/screens'
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } }
// Those that the documentation shows lie beside the folder and are committed.
const shown = new Set([
  'portal-home-phone-light-zh',
  'portal-progress-phone-light-zh',
  'portal-board-desktop-light-zh',
  'field-today-phone-light-zh',
  'field-case-phone-light-zh',
  'field-report-phone-dark-zh',
  'desk-home-desktop-light-zh',
  'desk-home-desktop-dark-en',
  'desk-worklist-desktop-light-zh',
  'desk-case-desktop-light-zh',
  'desk-hotline-order-desktop-light-zh',
  'desk-admin-model-desktop-light-zh',
])
const only = process.env['ONLY']
const print = process.env['PRINT'] === 'large' ? 'large' : 'normal'

for (const face of faces) {
  if (only && only !== face.name) continue
  for (const [size, viewport] of Object.entries(sizes)) {
    test(`${face.name} at ${size} size`, async ({ browser, server }) => {
      mkdirSync(folder, { recursive: true })
      const context = await browser.newContext({ viewport, baseURL: server.url, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
      await context.addInitScript((print) => localStorage.setItem('linli-preferences', JSON.stringify({ print })), print)
      const page = await context.newPage()
      await signIn(page, server, face)
      const wide: string[] = []
      for (const screen of await face.screens(server)) {
        for (const language of ['zh', 'en']) {
          for (const theme of ['light', 'dark'] as const) {
            const name = `${face.name}-${screen.name}-${size}-${theme}-${language}${print === 'large' ? '-large' : ''}`
            if (process.env['SHOWN'] && !shown.has(name)) continue
            await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
            await page.goto(screen.path + (screen.path.includes('?') ? '&' : '?') + `lang=${language}`)
            await page.locator('h1').first().waitFor()
            await screen.ready?.(page)
            await page.waitForLoadState('networkidle', { timeout: 4000 }).catch(() => undefined) // live news keeps a line open
            if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1)) wide.push(name)
            await page.screenshot({ path: `${folder}/${name}.png`, fullPage: size === 'phone' && !shown.has(name) })
            if (shown.has(name)) copyFileSync(`${folder}/${name}.png`, `${folder}/../${name}.png`)
          }
        }
      }
      expect(wide, 'screens wider than their window').toEqual([])
      await context.close()
    })
  }
}
