import { inEveryLook } from '../looks'
import { expect, kept, photo, send, signIn, test, write, type Page } from './county'

// Signing out takes everything off the telephone: also what was begun is named first, and can be taken along.

const phrase = '风调雨顺国泰民安'

/** Begins a report with a photo and the form of a step, and finishes neither. */
async function begin(page: Page, task: { id: string; title: string }, words: string) {
  await write(page, words, [await photo(page, '没写完.jpg', 300)])
  await page.goto(`/field/cases/${task.id}`)
  await page.getByRole('button', { name: '退回', exact: true }).click()
  await page.getByLabel('理由').fill('不在我这个网格，在河对')
  await expect.poll(() => kept(page)).toHaveProperty([`draft:${task.id}:hand_back`, 'form', 'reason'], '不在我这个网格，在河对')
}

test('what was begun is named before signing out, and comes back from the file to where it was', async ({
  county,
  worker: page,
  browser,
  baseURL,
  audit,
}) => {
  test.setTimeout(240_000)
  const words = `写到一半的上报 ${Date.now()}`
  const task = await county.task(`河对岸的路灯 ${Date.now()}`)
  await page.getByRole('button', { name: '刷新' }).click()
  await expect(page.getByRole('article').filter({ hasText: task.title })).toBeVisible()
  await begin(page, task, words)
  await page.goto('/field/me')
  await page.getByRole('button', { name: '退出登录' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('alert')).toContainText('还有 2 件没写完')
  await expect(dialog.getByRole('link', { name: `没写完的报事：${words}` })).toBeVisible()
  await expect(dialog.getByText('1 张照片')).toBeVisible()
  await expect(dialog.getByRole('link', { name: `没写完的“退回”：${task.title}` })).toBeVisible()
  await expect(dialog.getByRole('button', { name: '退出登录' })).toBeDisabled()
  await inEveryLook(page, audit, 'leaving with what was begun')
  await dialog.getByLabel('口令').fill(phrase)
  const saving = page.waitForEvent('download')
  await dialog.getByRole('button', { name: '加密并保存' }).click()
  const file = await (await saving).path()

  const another = await browser.newContext({ baseURL: baseURL!, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const other = await another.newPage()
  await signIn(other)
  await other.getByRole('link', { name: '我', exact: true }).click()
  await other.getByRole('button', { name: '取回文件' }).click()
  await other.getByLabel('以前导出的文件').setInputFiles(file)
  await other.getByLabel('口令').fill(phrase)
  await other.getByRole('button', { name: '打开' }).click()
  const back = other.getByRole('dialog')
  await expect(back.getByText('没写完的 2 件放回了原处')).toBeVisible()
  await back.getByRole('link', { name: /没写完的“退回”/ }).click()
  await expect(other.getByLabel('理由')).toHaveValue('不在我这个网格，在河对')
  await other.goto('/field/report')
  await expect(other.getByLabel('什么事')).toHaveValue(words)
  await expect(other.getByRole('button', { name: /移除照片/ })).toHaveCount(1)
  await send(other)
  await expect(other.locator('[data-state="sent"]')).toHaveCount(2)
  expect(await county.count(words)).toBe(1)
  expect((await county.caseOf(words)).files).toHaveLength(1)
  await another.close()

  // who is sure may go; then nothing of it is left here
  await dialog.getByRole('checkbox', { name: /这 2 条/ }).check()
  await dialog.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '网格员登录' })).toBeVisible()
  await signIn(page)
  await page.goto('/field/report')
  await expect(page.getByLabel('什么事')).toHaveValue('')
})

test('a file does not put itself in the place of what is being written now', async ({ county, worker: page }) => {
  const [first, second] = [`先写的一半 ${Date.now()}`, `后写的一半 ${Date.now()}`]
  await write(page, first)
  await expect.poll(() => kept(page)).toHaveProperty(['draft:report', 'text'], first)
  await page.goto('/field/me')
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.getByRole('dialog').getByLabel('口令').fill(phrase)
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: '加密并保存' }).click()
  const file = await (await saving).path()
  await page.getByRole('button', { name: '不退出' }).click()
  await page.goto('/field/report')
  await page.getByRole('button', { name: '重新写' }).click()
  await page.getByLabel('什么事').fill(second)
  await expect.poll(() => kept(page)).toHaveProperty(['draft:report', 'text'], second)
  await page.goto('/field/me')
  await page.getByRole('button', { name: '取回文件' }).click()
  await page.getByLabel('以前导出的文件').setInputFiles(file)
  await page.getByLabel('口令').fill(phrase)
  await page.getByRole('button', { name: '打开' }).click()
  await expect(page.getByText('取回 1 条')).toBeVisible()
  await page.goto('/field/report')
  await expect(page.getByLabel('什么事')).toHaveValue(second)
  await page.goto('/field/outbox')
  const aside = page.locator('[data-state="aside"]')
  await expect(aside).toContainText(first)
  expect(await county.count(first)).toBe(0) // nothing goes out that nobody sent
  await aside.getByRole('button', { name: '还是要发' }).click()
  await expect(page.locator('[data-state="sent"]')).toContainText(first)
  expect(await county.count(first)).toBe(1)
})

test('a report that was only opened is nothing to be asked about', async ({ worker: page }) => {
  await page.getByRole('link', { name: '上报', exact: true }).click()
  await expect(page.getByText(/已定位/)).toBeVisible()
  await page.goto('/field/me')
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('dialog')).toContainText('都已送达，不会丢东西')
  await expect(page.getByRole('dialog').getByRole('button', { name: '退出登录' })).toBeEnabled()
})
