import { expect, test } from '../harness'
import { activate, draft, modelOf, restore } from '../ways'
import { act, goOn, report, sayHere, send, solve, words } from './resident'

// What happens to a case, or to the way of working, while its reporter is writing.

test('it was ended while the reporter wrote: said, shown, and what was typed stays to be read', async ({ page, server, audit }) => {
  const code = await report(page, words('围墙砖松了'))
  await page.goto(`/t/${code}`)
  await page.getByRole('button', { name: '催办' }).click()
  await page.getByRole('textbox').first().fill('下雨更危险了，请快一点')
  await solve(server, code, '已经重新砌好')
  await page.locator('form').getByRole('button', { name: '催办' }).click()
  await expect(page.getByRole('alert').first()).toBeFocused()
  await expect(page.locator('blockquote').first()).toHaveText('已经重新砌好')
  await expect(page.getByRole('textbox').first()).toHaveValue('下雨更危险了，请快一点')
  await audit('refused, and where it is now')
  await page.getByRole('button', { name: '取消' }).click()
  await expect(page.getByRole('button', { name: '评价' })).toBeVisible()
  const { steps } = await server.ask<{ steps: { action: string }[] }>(`/api/v1/track/${code}`)
  expect(steps.filter((s) => s.action === 'urge')).toHaveLength(0)
})

test('a question was answered in another window while the answer was being written', async ({ page, server }) => {
  const code = await report(page, words('水管漏水说不清楼层'))
  await act(server, code, 'paidan', 'here')
  await act(server, code, 'wangge', 'take')
  await act(server, code, 'wangge', 'ask', { question: '请问是几楼？' })
  await page.goto(`/t/${code}`)
  await page.getByRole('button', { name: '回答' }).click()
  await page.getByRole('textbox').first().fill('五楼')
  const other = await page.context().newPage()
  await other.goto(`/t/${code}`)
  await other.getByRole('button', { name: '回答' }).click()
  await other.getByRole('textbox').first().fill('是五楼，右边')
  await other.locator('form').getByRole('button', { name: '回答' }).click()
  await expect(other.getByRole('status').filter({ hasText: '已收到：回答' })).toBeVisible()
  await page.locator('form').getByRole('button', { name: '回答' }).click()
  await expect(page.getByRole('alert').first()).toBeFocused()
  await expect(page.getByRole('textbox').first()).toHaveValue('五楼')
  const { steps } = await server.ask<{ steps: { action: string }[] }>(`/api/v1/track/${code}`)
  expect(steps.filter((s) => s.action === 'answer')).toHaveLength(1)
})

test('another version of the model comes into use while a rating is written: the case keeps its own', async ({ page, server }) => {
  test.setTimeout(120_000)
  const code = await report(page, words('绿化带有垃圾'))
  await solve(server, code, '已清理')
  const { id } = await server.ask<{ id: string }>(`/api/v1/track/${code}`)
  const own = await modelOf(server, id)
  await page.goto(`/t/${code}`)
  await page.getByRole('button', { name: '评价' }).click()
  await page.getByText('5 · 很满意').click()
  await page.getByRole('textbox').fill('很及时')
  const next = await draft(server, 'seven-step', (text) => text.replace(/overall: .*/, 'overall: {working_days: 7}'))
  await activate(server, 'seven-step', next.text)
  try {
    await page.getByRole('button', { name: '提交评价' }).click()
    await expect(page.getByRole('status')).toContainText('谢谢您的评价')
    expect(await modelOf(server, id)).toBe(own)
    // and a report that was half written then goes by the new one
    await sayHere(page, words('换了办法以后报的'))
    await goOn(page)
    const fresh = await server.ask<{ id: string }>(`/api/v1/track/${await send(page)}`)
    expect(await modelOf(server, fresh.id)).toBe(next.id)
  } finally {
    await restore(server, 'seven-step')
  }
})
