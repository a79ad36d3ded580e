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
