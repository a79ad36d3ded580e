import { expect, test } from './county'

test('what is handed over while the app is open is there at once, and said', async ({ county, worker: page, audit }) => {
  await page.goto('/field/grid')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('我的网格')
  const stream = page.waitForRequest((r) => r.url().includes('/api/v1/events'))
  await page.reload()
  await stream
  const task = await county.task(`刚派来的一件事 ${Date.now()}`)
  // long before the app would have asked by itself
  const said = page.getByRole('status').filter({ hasText: '新到 1 件' })
  await expect(said).toBeVisible({ timeout: 60_000 })
  await audit('something has come')
  await said.getByRole('button', { name: '看看' }).click()
  await expect(page.getByRole('heading', { level: 1, name: task.title })).toBeVisible()
  await expect(said).toHaveCount(0)
})

test('what is handed over before the stream has begun is not missed', async ({ county, worker: page }) => {
  await page.goto('/field/grid')
  let begin = () => {}
  const handedOver = new Promise<void>((done) => (begin = done))
  await page.route('**/api/v1/events**', async (route) => {
    await handedOver
    await route.continue()
  })
  const read = page.waitForResponse((r) => r.url().includes('/api/v1/field/package'))
  await page.reload()
  await read
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await county.task(`来得正巧的一件事 ${Date.now()}`)
  begin()
  await expect(page.getByRole('status').filter({ hasText: '新到 1 件' })).toBeVisible()
})
