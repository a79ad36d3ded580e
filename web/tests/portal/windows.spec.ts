import { type Page, expect, test } from '../harness'
import { filesOf, goOn, picture, send, words } from './resident'

// Two windows of one browser with the same report: each sends its own, with its own photos, and both are found again.

const about = (page: Page) => page.getByRole('textbox', { name: '是什么事' })
const photo = (name: string) => ({ name, mimeType: 'image/png', buffer: picture(60, 60) })
const elsewhere = '同样的内容在另一个窗口里也开着'

/** Writes a report as far as its photos, and chooses one. */
async function write(page: Page, text: string, name: string) {
  await page.goto('/report/what?kind=problem')
  await about(page).fill(text)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('写地址').click()
  await page.getByRole('textbox', { name: '地址' }).fill('迎新社区第一网格')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.locator('input[type=file]').setInputFiles(photo(name))
  await expect(page.locator('.photos img')).toHaveCount(1)
}

for (const firstIs of ['first', 'second'] as const)
  test(`each has its own words and photos; sent from the ${firstIs} window first`, async ({ page, context, server, audit }) => {
    const [first, second] = [words('一个窗口报的路灯'), words('另一个窗口报的井盖')]
    await write(page, first, '路灯.png')

    const other = await context.newPage()
    await other.goto('/report/what?kind=problem')
    await expect(about(other)).toHaveValue(first)
    await expect(other.getByText(elsewhere)).toBeVisible()
    await about(other).fill(second)
    await other.getByRole('button', { name: '下一步' }).click()
    await other.getByRole('button', { name: '下一步' }).click()
    await expect(other.getByRole('heading', { level: 1 })).toHaveText('有照片吗？')
    await expect(other.locator('.photos img')).toHaveCount(0)
    await other.locator('input[type=file]').setInputFiles(photo('井盖.png'))
    await expect(other.locator('.photos img')).toHaveCount(1)
    await other.reload() // each window comes back to its own
    await expect(other.locator('.photos img')).toHaveCount(1)
    await page.reload()
    await expect(page.locator('.photos img')).toHaveCount(1)
    await expect(page.getByText(elsewhere)).toHaveCount(0)
    await audit('photos of a report')

    const codes = new Map<Page, string>()
    for (const window of firstIs === 'first' ? [page, other] : [other, page]) {
      await window.getByRole('button', { name: /下一步/ }).click()
      await expect(window.locator('dl img')).toHaveCount(1)
      codes.set(window, await send(window))
      await expect(window.getByText('1 张照片已送到')).toBeVisible()
    }
    for (const [window, text, name] of [
      [page, first, '路灯.png'],
      [other, second, '井盖.png'],
    ] as const) {
      const code = codes.get(window)!
      expect((await server.ask<{ title: string }>(`/api/v1/track/${code}`)).title).toBe(text)
      expect((await filesOf(server, code)).map((f) => f.name)).toEqual([name])
    }
    for (const window of [page, other]) {
      await window.goto('/')
      await expect(window.getByText('您有一件没报完')).toHaveCount(0)
      for (const code of codes.values()) await expect(window.locator(`a[href="/t/${code}"]`)).toBeVisible()
    }
  })

test('without locks of the browser: told when it is sent, and no photo changes its report', async ({ page, context, server, audit }) => {
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }))
  const [first, second] = [words('一个窗口报的树枝'), words('另一个窗口报的积水')]
  await write(page, first, '树枝.png')
  const other = await context.newPage()
  await other.goto('/report/what?kind=problem')
  await about(other).fill(second)
  await other.getByRole('button', { name: '下一步' }).click()
  await other.getByRole('button', { name: '下一步' }).click()
  await expect(other.locator('.photos img')).toHaveCount(1)
  await other.locator('input[type=file]').setInputFiles(photo('积水.png'))
  await expect(other.locator('.photos img')).toHaveCount(2)
  await other.getByRole('button', { name: '下一步' }).click()

  await page.route('**/api/v1/track/*/files/*', (route) => route.abort('internetdisconnected')) // its photo is still to be sent
  await page.getByRole('button', { name: '下一步' }).click()
  const firstCode = await send(page)
  await expect(page.getByText('张照片没送到')).toBeVisible()

  await other.getByRole('button', { name: '提交' }).click()
  await expect(other.getByRole('alert')).toContainText('这件事在另一个窗口里已经提交了')
  await expect(other.locator('dl img')).toHaveCount(1)
  await audit('sent from another window')
  const secondCode = await send(other)
  await expect(other.getByText('1 张照片已送到')).toBeVisible()
  await page.unroute('**/api/v1/track/*/files/*')
  await page.getByRole('button', { name: '再试' }).click()
  await expect(page.getByText(/张照片已送到/)).toBeVisible()
  expect((await filesOf(server, secondCode)).map((f) => f.name)).toEqual(['积水.png'])
  expect((await filesOf(server, firstCode)).map((f) => f.name)).toContain('树枝.png')
  expect((await server.ask<{ title: string }>(`/api/v1/track/${firstCode}`)).title).toBe(first)
})

test('a report that was left in a closed window goes on in the next one', async ({ page, context, server }) => {
  const text = words('关掉窗口以后接着报')
  await write(page, text, '接着.png')
  await page.close()
  const next = await context.newPage()
  await next.goto('/')
  await expect(next.getByText('您有一件没报完')).toBeVisible()
  await next.getByRole('link', { name: '接着填' }).click()
  await expect(about(next)).toHaveValue(text)
  await expect(next.getByText(elsewhere)).toHaveCount(0)
  await next.getByRole('button', { name: '下一步' }).click()
  await goOn(next)
  await expect(next.locator('dl img')).toHaveCount(1)
  const code = await send(next)
  await expect(next.getByText('1 张照片已送到')).toBeVisible()
  expect(await filesOf(server, code)).toHaveLength(1)
})

test('this is something else: the second window starts afresh, the first keeps what it has', async ({ page, context }) => {
  const text = words('第一个窗口里写的')
  await write(page, text, '一.png')
  const other = await context.newPage()
  await other.goto('/report/where')
  await other.getByRole('button', { name: '这是别的事，从头写' }).click()
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('是什么问题？')
  await expect(about(other)).toHaveValue('')
  await expect(other.getByText(elsewhere)).toHaveCount(0)
  await page.reload()
  await expect(page.locator('.photos img')).toHaveCount(1)
  await page.goto('/report/what')
  await expect(about(page)).toHaveValue(text)
})
