import { expect, test, type Server } from '../harness'
import { inEveryLook } from '../looks'
import { act, grid, words } from './resident'

/** A public matter that somebody in office has in hand, and what its reporter said. */
async function inHand(server: Server) {
  const text = words('张桂英家门口的路灯不亮了')
  const { code, number } = await server.ask<{ code: string; number: string }>('/api/v1/cases', {
    method: 'POST',
    body: { id: crypto.randomUUID(), text, place: { area: grid.code } },
  })
  await act(server, code, 'paidan', 'here')
  return { text, number }
}

test('behind the code of the notice board: what is under way, and the way to all of it', async ({ page, server, audit }) => {
  test.setTimeout(300_000)
  const { text, number } = await inHand(server)
  await page.goto(`/g/${grid.code}`)
  const here = page.getByRole('region', { name: '正在办的事' })
  await expect(here.getByRole('article').filter({ hasText: number })).toContainText(/在办/)
  expect(await here.getByRole('article').count()).toBeLessThanOrEqual(5)
  await inEveryLook(page, audit, 'grid page')
  await here.getByRole('link', { name: '看全部正在办的' }).click()
  await expect(page).toHaveURL(/state=open/)
  await expect(page.getByRole('link', { name: '正在办', exact: true })).toHaveAttribute('aria-current', 'page')
  await expect(page.getByRole('article').filter({ hasText: number })).toBeVisible()
  await inEveryLook(page, audit, 'under way')
  // nothing of what was said, in the page or in what it was made of
  expect(await page.locator('main').innerText()).not.toContain('张桂英')
  const raw = JSON.stringify(await server.ask(`/api/v1/public/cases?state=open&area=${grid.code}`))
  expect(raw).toContain(number)
  expect(raw).not.toContain(text.slice(0, 3))
})

test('what is under way is searched by kind, place and unit, and results are a tap away', async ({ page, server }) => {
  test.setTimeout(180_000)
  const { number } = await inHand(server)
  await page.goto('/results?state=open')
  await page.getByRole('searchbox').fill(number)
  await page.getByRole('button', { name: '搜索' }).click()
  await expect(page.getByRole('article')).toHaveCount(1)
  await expect(page).toHaveURL(/state=open/)
  const name = (await page.getByRole('article').getByRole('heading').innerText()).trim()
  await page.getByRole('searchbox').fill(name)
  await page.getByRole('button', { name: '搜索' }).click()
  await expect(page.getByRole('article').filter({ hasText: number })).toBeVisible()
  await page.getByRole('searchbox').fill('张桂英')
  await page.getByRole('button', { name: '搜索' }).click()
  await expect(page.getByText('没有找到。')).toBeVisible()
  await page.getByRole('searchbox').fill('')
  await page.getByRole('button', { name: '搜索' }).click()
  await expect(page.getByRole('article').first()).toBeVisible()
  await page.getByRole('link', { name: '办好了' }).click()
  await expect(page).toHaveURL(/\/results$/)
  await expect(page.getByRole('article').getByRole('link').first()).toBeVisible()
})

test('in English', async ({ page, server, audit }) => {
  test.setTimeout(300_000)
  const { number } = await inHand(server)
  await page.goto(`/results?state=open&q=${number}&lang=en`)
  await expect(page.getByRole('article')).toContainText('With ')
  await inEveryLook(page, audit, 'under way')
  expect(await page.locator('main').innerText()).not.toMatch(/正在|在办|收到/)
})
