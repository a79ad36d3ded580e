import { expect, test, type Page } from '../harness'
import { act, report, signIn } from './officer'

// Nobody takes the beginning of a list for the whole of it. The server pages these lists; here its pages are made small.

test.slow() // on machines that may be busy

/** The first view of a screen has all the time it needs. */
const first = { timeout: 60_000 }

/** Asks the server for smaller pages of a list than the screen would. */
const inSmallPages = (page: Page, list: RegExp, size: number) =>
  page.route(list, (route) => {
    const url = new URL(route.request().url())
    if (url.searchParams.has('page_size')) url.searchParams.set('page_size', String(size))
    return route.continue({ url: url.toString() })
  })

test('alerts go on until the last one, and the screen says when that is', async ({ page, server, audit }) => {
  const mine = `井盖松动${Date.now() % 100_000}`
  for (let n = 1; n <= 4; n++) {
    const made = await report(server, `${mine}第${n}处`)
    await act(server, made.number, 'supervise', { reason: '天气预报还有大风' }, 'ducha')
  }
  const whole = await server.ask<{ alerts: unknown[]; next?: string }>('/api/v1/alerts?unseen=true&page_size=200', { as: 'paidan' })
  expect(whole.next).toBeUndefined()
  const some = Math.ceil(whole.alerts.length / 3)
  await inSmallPages(page, /\/api\/v1\/alerts\?/, some)
  await signIn(page, server, 'paidan')
  await page.goto('/desk/alerts')
  const rows = page.locator('.alerts > li')
  await expect(page.getByText(`已显示 ${some} 条`)).toBeVisible(first)
  await expect(rows).toHaveCount(some)
  await audit('alerts of which there are more')
  const more = page.getByRole('button', { name: '再看一些' })
  for (let shown = some; await more.isVisible(); shown = await rows.count()) {
    await more.click()
    await expect.poll(() => rows.count()).toBeGreaterThan(shown)
  }
  // a word may have come meanwhile, none may be missing
  expect(await rows.count()).toBeGreaterThanOrEqual(whole.alerts.length)
  await expect(page.getByText(/^共 \d+ 条$/)).toBeVisible()
  for (let n = 1; n <= 4; n++) await expect(page.getByRole('link', { name: new RegExp(`${mine}第${n}处`) })).toHaveCount(1)
})

test('choosing an area or a unit says that there are more than are shown', async ({ page, server, audit }) => {
  await inSmallPages(page, /\/api\/v1\/(areas|organisations)\?/, 2)
  await signIn(page, server, 'guanli')
  await page.goto('/desk/people/vacancies')
  await page.getByRole('button', { name: /^区域: / }).click(first)
  const dialog = page.getByRole('dialog')
  const rows = dialog.locator('.areas > li')
  await dialog.getByRole('button', { name: '如皋市' }).click()
  await dialog.getByRole('button', { name: '如城街道', exact: true }).click()
  await expect(dialog.getByText('列出了前 2 个，后面还有。')).toBeVisible()
  await audit('areas of which there are more')
  await dialog.getByRole('button', { name: '再看一些' }).click()
  await expect(rows).toHaveCount(4)
  await dialog.getByRole('searchbox').fill('社区')
  await expect(dialog.getByText('还有更多，请再输入几个字。')).toBeVisible()
  await expect(rows).toHaveCount(2)
  await dialog.getByRole('searchbox').fill('安定社区第一')
  await expect(rows).toHaveCount(1)
  await expect(dialog.getByText('还有更多，请再输入几个字。')).toHaveCount(0)

  const made = await report(server, '楼道里的灯不亮了，要请单位来修')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '交办', exact: true }).click(first)
  const unit = page.getByRole('combobox', { name: /单位/ })
  await unit.fill('如城')
  await expect(page.getByText('还有更多，请再输入几个字。')).toBeVisible()
  await audit('units of which there are more')
})
