import { expect, test } from '../harness'
import { fitsFingers } from '../touch'
import { report, signIn } from './officer'

// The work of a day on any screen: the page never scrolls sideways, and on a phone what is pressed is large enough for a finger.

const work = [
  { login: 'paidan', path: '' },
  { login: 'paidan', path: 'cases?scope=mine' },
  { login: 'paidan', path: 'cases?scope=area&state=all&channel=resident' },
  { login: 'paidan', path: 'alerts' },
  { login: 'paidan', path: 'cases/NUMBER' },
  { login: 'ducha', path: 'supervision' },
  { login: 'ducha', path: 'access-log' },
  { login: 'huawu', path: 'hotline' },
]
for (const print of ['usual', 'large'] as const)
  test(`every screen of daily work fits: ${print} print`, async ({ page, server }) => {
    test.setTimeout(240_000)
    const made = await report(server, '小区南门外人行道的地砖松了一大片，下雨天一踩一脚水，老人孩子走路容易摔')
    if (print === 'large') await page.addInitScript(() => localStorage.setItem('linli-preferences', JSON.stringify({ print: 'large' })))
    let signedIn = ''
    for (const { login, path } of work) {
      if (signedIn !== login) await signIn(page, server, (signedIn = login))
      await page.goto(`/desk/${path.replace('NUMBER', made.number)}`)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText('正在读取…')).toHaveCount(0)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(over, `${path} is wider than the screen`).toBeLessThanOrEqual(0)
      await fitsFingers(page, path)
    }
  })
