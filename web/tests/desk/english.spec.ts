import { english } from '../english'
import { expect, test } from '../harness'
import { faces } from '../screens'
import { signIn } from './officer'

// Every screen of the desk in English: no word of the Chinese interface is left, and its longer words fit.

for (const face of faces.filter((f) => f.name.startsWith('desk')))
  test(`every screen of ${face.name} in English`, { tag: '@desktop' }, async ({ page, server }) => {
    test.setTimeout(240_000)
    await page.addInitScript(() => localStorage.setItem('linli-preferences', JSON.stringify({ language: 'en' })))
    const isEnglish = english(page)
    await signIn(page, server, face.login!)
    for (const screen of await face.screens(server)) {
      await page.setViewportSize({ width: 1280, height: 800 })
      await page.goto(screen.path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await screen.ready?.(page)
      await expect(page.getByText('Loading…')).toHaveCount(0)
      await isEnglish(screen.name)
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 })
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect.soft(over, `${screen.name} is wider than ${width}`).toBeLessThanOrEqual(0)
      }
    }
  })
