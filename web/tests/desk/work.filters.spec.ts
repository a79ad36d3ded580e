import { expect, password, test, type Page } from '../harness'
import { act, identifier, report, signIn } from './officer'

const field = (page: Page, name: string) => page.locator('.filters').getByRole('combobox', { name, exact: true })

/** What a print would have put on paper. */
async function onPaper(page: Page) {
  await page.addInitScript(() => {
    const paper = window as unknown as { printed?: string }
    window.print = () => (paper.printed = document.querySelector('.sheet')?.textContent ?? '')
  })
  return () => page.evaluate(() => (window as unknown as { printed?: string }).printed ?? '')
}

test('a list by stage, with the titles of the models, on the screen and on paper', async ({ page, server, audit }) => {
  const mark = identifier().slice(-6)
  const waits = await report(server, `下水道堵了 ${mark}`)
  const given = await report(server, `下水道又堵了 ${mark}`)
  await act(server, given.id, 'here', {})
  const printed = await onPaper(page)
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases?scope=area&q=${mark}`)
  await expect(page.getByText('到底了，共 2 件')).toBeVisible()
  await page.getByRole('button', { name: '更多条件' }).click()
  await field(page, '治理模型').selectOption({ label: '七步闭环' })
  await field(page, '环节').selectOption({ label: '处置' })
  await expect(page).toHaveURL(/stage=handle/)
  await expect(page.getByText('到底了，共 1 件')).toBeVisible()
  await expect(page.getByText(given.number)).toBeVisible()
  await expect(page.getByText(waits.number)).toHaveCount(0)
  await audit('a list by stage')
  await page.getByRole('button', { name: '打印' }).click()
  await expect.poll(printed).toContain('环节 处置')
  expect(await printed()).toContain('治理模型 七步闭环')
  // a model without this stage would leave nothing
  await field(page, '治理模型').selectOption({ label: '吹哨报到' })
  await expect(page).not.toHaveURL(/stage=/)
  // a link as a colleague sends it: what narrows is seen, and taken away
  await page.goto(`/desk/cases?scope=area&q=${mark}&stage=sort`)
  await expect(page.getByText(waits.number)).toBeVisible()
  await expect(field(page, '环节')).toHaveValue('sort')
  await page.getByRole('button', { name: '清除条件' }).click()
  await expect(page).not.toHaveURL(/stage=/)
})

test('with several posts, the work of one of them', async ({ page, server, audit }) => {
  const grid = '320682001001003'
  const login = `liangge${Date.now()}`
  const person = await server.ask<{ id: string }>('/api/v1/people', {
    as: 'guanli',
    method: 'POST',
    body: { login, name: '钱两岗', password },
  })
  for (const role of ['grid-member', 'grid-head'])
    await server.ask('/api/v1/appointments', {
      as: 'guanli',
      method: 'POST',
      body: { account: person.id, post: `${role}@${grid}`, deputy: true },
    })
  const mark = identifier().slice(-6)
  const made = await report(server, `垃圾没人收 ${mark}`, { area: grid })
  await act(server, made.id, 'here', {})
  const printed = await onPaper(page)
  await signIn(page, server, login)
  await page.goto(`/desk/cases?q=${mark}`)
  await expect(page.getByText(made.number)).toBeVisible()
  const names = await field(page, '岗位').locator('option').allInnerTexts()
  await field(page, '岗位').selectOption({ label: names.find((n) => n.endsWith('网格长'))! })
  await expect(page.getByText('没有符合条件的事项')).toBeVisible()
  await page.getByRole('button', { name: /移除 .*网格长/ }).click()
  await field(page, '岗位').selectOption({ label: names.find((n) => n.endsWith('网格员'))! })
  await expect(page.getByText(made.number)).toBeVisible()
  await audit('work of one post')
  await page.getByRole('button', { name: '打印' }).click()
  await expect.poll(printed).toMatch(/岗位 .*网格员/)
  // of other lists one cannot ask for a post
  await page.getByRole('button', { name: '我关注的' }).click()
  await expect(page).not.toHaveURL(/post=/)
})

test('a link with the post of somebody else says so, and the post can be taken away', async ({ page, server }) => {
  await signIn(page, server, 'wangge')
  await page.goto('/desk/cases?post=dispatcher%40320682001001')
  await expect(page.getByText('这不是您的岗位')).toBeVisible()
  await page.getByRole('button', { name: /移除 dispatcher@320682001001/ }).click()
  await expect(page.getByText('这不是您的岗位')).toHaveCount(0)
})
