import { expect, test } from '../harness'
import { report, signIn } from './officer'

for (const theme of ['light', 'dark'] as const)
  test(`no screen keeps anybody out, ${theme}`, { tag: theme === 'dark' ? '@phone' : '@desktop' }, async ({ page, server, audit }) => {
    test.setTimeout(240_000)
    await page.emulateMedia({ colorScheme: theme })
    const made = await report(server, `路边的树枝压着电线 ${theme}`)
    await signIn(page, server, 'paidan')
    for (const [what, path] of [
      ['home', '/desk/'],
      ['worklist', '/desk/cases?scope=area&state=all'],
      ['empty list', '/desk/cases?scope=area&q=%E6%B2%A1%E6%9C%89%E8%BF%99%E5%9B%9E%E4%BA%8B'],
      ['case', `/desk/cases/${made.number}`],
      ['alerts', '/desk/alerts?all=1'],
      ['supervision', '/desk/supervision'],
      ['lost', '/desk/nowhere'],
    ] as const) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText('正在读取…')).toHaveCount(0)
      await audit(`${what}, ${theme}`)
    }
    await page.goto(`/desk/cases/${made.number}`)
    await page.getByRole('button', { name: '交办' }).click()
    await expect(page.getByRole('region', { name: '交办' })).toBeVisible()
    await audit(`form, ${theme}`)
  })
