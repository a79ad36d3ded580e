import { expect, test } from '../harness'
import { faces, signIn } from '../screens'
import { fitsFingers } from '../touch'

// Every screen of the desk: the page never scrolls sideways, and on a phone what is pressed is large enough for a finger.

for (const face of faces.filter((f) => f.name.startsWith('desk')))
  for (const print of ['normal', 'large'] as const)
    test(`every screen of ${face.name} fits: ${print} print`, async ({ page, server }) => {
      test.setTimeout(240_000)
      await page.addInitScript((print) => localStorage.setItem('linli-preferences', JSON.stringify({ print })), print)
      await signIn(page, server, face)
      for (const screen of await face.screens(server)) {
        await page.goto(screen.path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await screen.ready?.(page)
        await expect(page.getByText('正在读取…')).toHaveCount(0)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        expect(over, `${screen.name} is wider than the screen`).toBeLessThanOrEqual(0)
        await fitsFingers(page, screen.name)
      }
    })
