import { identifier } from './ids'
import { expect, kept, photo, test, type Page } from './county'

// The pictures of one's open tasks are there without signal, small; they go with the task.

const pictures = async (page: Page) => Object.keys(await kept(page)).flatMap((key) => (key.startsWith('picture:') ? [key.slice(8)] : []))

test('a task’s photo is seen without signal, and leaves the telephone with the task', async ({ county, worker: page, context, audit }) => {
  test.setTimeout(180_000)
  const task = await county.task(`围墙裂了一道缝 ${Date.now()}`)
  const { buffer } = await photo(page, '裂缝.jpg', 900)
  const file = identifier()
  const put = await page.request.put(`/api/v1/cases/${task.id}/files/${file}?name=${encodeURIComponent('裂缝.jpg')}&use=evidence`, {
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Range': `bytes 0-${buffer.length - 1}/${buffer.length}` },
    data: buffer,
  })
  expect(put.ok()).toBe(true)
  await page.getByRole('button', { name: '刷新' }).click()
  await expect(page.getByRole('article').filter({ hasText: task.title })).toBeVisible()
  await expect.poll(() => pictures(page), { timeout: 40_000 }).toContain(file)

  await context.setOffline(true)
  await page.goto(`/field/cases/${task.id}`)
  const thumb = page.getByRole('button', { name: /裂缝\.jpg/ })
  const width = () => thumb.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth)
  await thumb.scrollIntoViewIfNeeded()
  await expect.poll(width).toBe(480)
  await thumb.click()
  await expect(page.getByRole('dialog')).toContainText('没有信号，这是带在手机里的小图')
  await audit('picture without signal')
  await page.getByRole('button', { name: '关闭' }).click()
  await page.goto('/field/me')
  await expect(page.getByText(/件任务、\d+ 张小图/)).toBeVisible()

  await context.setOffline(false)
  await county.act(task.id, 'take', {}, 'wangge')
  await county.act(task.id, 'transfer', { post: 'grid-head@320682001001001', reason: '换网格长办' }, 'wangge')
  await page.goto('/field/')
  await expect(page.getByRole('article').filter({ hasText: task.title })).toHaveCount(0)
  await expect.poll(() => pictures(page)).not.toContain(file)
})
