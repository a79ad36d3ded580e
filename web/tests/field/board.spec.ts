import { expect, test } from './county'
import { identifier } from './ids'

// What stands on the board, and whom a form may name, without signal.

const village = '320682001001'

test.slow() // on machines that may be busy

test('notices and duty phones of my grid are there without signal', async ({ county, worker: page, context, audit }) => {
  const title = `走访安排${Date.now() % 100_000}`
  const body = { id: identifier(), area: village, title, text: '本周走访独居老人。', audience: 'staff' }
  await county.server.ask('/api/v1/notices', { as: 'paidan', method: 'POST', body })
  await page.getByRole('button', { name: '刷新' }).click()
  await page.getByRole('link', { name: '网格' }).click()
  await expect(page.getByRole('heading', { name: title })).toBeVisible()
  await context.setOffline(true)
  await page.reload()
  const notice = page.getByRole('listitem').filter({ hasText: title })
  await expect(notice).toContainText('本周走访独居老人')
  await expect(notice).toContainText('内部')
  await expect(page.getByRole('link', { name: /0513-00001101/ })).toHaveAttribute('href', 'tel:051300001101')
  await audit('my grid without signal')
})

test('passed on to a post without signal: chosen by name, and it arrives there', async ({ county, worker: page, context, audit }) => {
  const task = await county.task('离线转办给网格长的一件事')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '离线转办给网格长的一件事' })
  await card.getByRole('button', { name: /签收/ }).click()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await page.getByRole('button', { name: '刷新' }).click()
  await page.goto(`/field/cases/${task.id}`)
  await expect(page.getByRole('button', { name: '转办', exact: true })).toBeVisible()
  await context.setOffline(true)
  await page.reload()
  await page.getByRole('button', { name: '转办', exact: true }).click()

  const unit = page.getByRole('combobox', { name: /单位/ })
  await unit.fill('规划建设')
  await expect(page.getByRole('option', { name: /规划建设/ }).first()).toBeVisible()
  await unit.fill('')

  const post = page.getByRole('combobox', { name: /岗位/ })
  await post.click()
  await expect(page.getByRole('option').first()).toBeVisible()
  await audit('choosing a post')
  await post.fill('网格长')
  await page
    .getByRole('option', { name: /网格长/ })
    .first()
    .click()
  await page.getByLabel(/原因|理由/).fill('我明天休假')
  await page.getByRole('button', { name: '转办', exact: true }).click()
  await expect(page.getByText(/已记下，有信号就自动发出/)).toBeVisible()
  await context.setOffline(false)
  await expect
    .poll(async () => (await county.server.ask<{ owner: { post: string } }>(`/api/v1/cases/${task.id}`, { as: 'paidan' })).owner.post)
    .toBe('grid-head@320682001001001')
})
