import { randomUUID } from 'node:crypto'
import { expect, password, test } from '../harness'
import { act, filesOf, picture, report, sayHere, send, solve, words } from './resident'

test('from received to reopened: followed, urged, asked, answered, rated, not solved', async ({ page, server, audit }) => {
  const code = await report(page, words('楼道灯一直不亮'))
  await page.getByRole('link', { name: '看进度' }).click()
  await expect(page.locator('[aria-current=step]')).toContainText('甄别')
  await expect(page.locator('[aria-current=step]')).toContainText('派单员')

  await page.getByRole('button', { name: '催办' }).click()
  await page.getByRole('textbox').first().fill('老人晚上出门不方便')
  await page.locator('form').getByRole('button', { name: '催办' }).click()
  await expect(page.getByRole('status')).toContainText('已收到：催办')

  await act(server, code, 'paidan', 'here')
  await act(server, code, 'wangge', 'take')
  await act(server, code, 'wangge', 'ask', { question: '请问是几单元几楼？' })
  await page.reload()
  await expect(page.getByText('请问是几单元几楼？').first()).toBeVisible()
  await audit('a question')
  await page.getByRole('button', { name: '回答' }).click()
  await page.getByRole('textbox').first().fill('二单元三楼')
  await page.locator('form').getByRole('button', { name: '回答' }).click()
  await expect(page.getByRole('status')).toContainText('已收到：回答')

  await act(server, code, 'wangge', 'feed_back', { result: '换了灯泡，已经亮了' })
  await act(server, code, 'paidan', 'accept')
  await page.reload()
  await expect(page.locator('blockquote').first()).toHaveText('换了灯泡，已经亮了')
  await expect(page.getByText('办结', { exact: true })).toBeVisible()

  // not solved: it is rated first, then asked for again
  await page.getByRole('button', { name: '没解决' }).click()
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('alert')).toContainText('请选 1 到 5 分')
  await page.getByText('1 · 很不满意').click()
  await page.getByText('没解决', { exact: true }).last().click()
  await audit('a rating')
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('textbox', { name: /理由/ })).toBeVisible()
  await page.getByRole('textbox', { name: /理由/ }).fill('第二天又不亮了，请看看线路')
  await page.locator('form button[type=submit]').click()
  await expect(page.getByRole('status')).toContainText('已收到')
  await expect(page.locator('[aria-current=step]')).toContainText('甄别')
  const after = await server.ask<{ steps: { action: string; data: { form?: { score?: number } } }[]; ended?: string }>(
    `/api/v1/track/${code}`,
  )
  expect(after.steps.find((s) => s.action === 'rate')?.data.form?.score).toBe(1)
  expect(after.ended ?? '').toBe('')
})

test('a good rating with its reasons', async ({ page, server }) => {
  const code = await report(page, words('垃圾桶满了没人收'))
  await solve(server, code, '已清运，改为每天两次')
  await page.goto(`/t/${code}`)
  await page.getByRole('button', { name: '评价' }).click()
  await page.getByText('5 · 很满意').click()
  await page.getByText('办得快').click()
  await page.getByRole('textbox').fill('谢谢')
  await page.getByRole('button', { name: '提交评价' }).click()
  await expect(page.getByRole('status')).toContainText('谢谢您的评价')
  await expect(page.getByText('您的评价：')).toBeVisible()
  const steps = (await server.ask<{ steps: { action: string; data: { form?: Record<string, unknown> } }[] }>(`/api/v1/track/${code}`)).steps
  expect(steps.find((s) => s.action === 'rate')?.data.form).toMatchObject({ score: 5, comment: '办得快。谢谢' })
})

test('a code that is mistyped, however it is typed, and one that is unknown', async ({ page }) => {
  await page.goto('/track')
  await page.getByRole('textbox').fill('abc')
  await page.getByRole('button', { name: '查看' }).click()
  await expect(page.getByRole('alert')).toContainText('12 位')
  await page.getByRole('textbox').fill('b000 zzzz zzzz')
  await page.getByRole('button', { name: '查看' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('没有找到这个查询码')
})

test('photos follow the report; one that is too large is made smaller and sent again', async ({ page, server }) => {
  const weight = picture(400, 400).length
  await sayHere(page, words('墙皮脱落'))
  await page.getByRole('button', { name: '下一步' }).click()
  await page.locator('input[type=file]').setInputFiles([
    { name: '远.png', mimeType: 'image/png', buffer: picture(400, 400) },
    { name: '近.png', mimeType: 'image/png', buffer: picture(400, 400) },
  ])
  await expect(page.locator('.photos img')).toHaveCount(2)
  await page.reload() // nothing is lost
  await expect(page.locator('.photos img')).toHaveCount(2)
  // as a proxy in between does that takes little
  const refused = new Set<string>()
  await page.route('**/api/v1/track/*/files/*', async (route) => {
    const file = route.request().url()
    if (refused.has(file)) return route.continue()
    refused.add(file)
    return route.fulfill({ status: 413, contentType: 'text/html', body: 'too large' })
  })
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.locator('dl img')).toHaveCount(2)
  const code = await send(page)
  await expect(page.getByText('2 张照片已送到')).toBeVisible()
  const kept = await filesOf(server, code)
  expect(kept).toHaveLength(2)
  for (const f of kept) expect(f.size).toBeLessThan(weight)
  await page.unroute('**/api/v1/track/*/files/*')

  await page.goto(`/t/${code}`)
  await page.getByText('补充照片').click()
  await page.locator('input[type=file]').setInputFiles({ name: '又一张.png', mimeType: 'image/png', buffer: picture(60, 60) })
  await page.getByRole('button', { name: '发送照片' }).click()
  await expect(page.getByText('1 张照片已送到')).toBeVisible()
  expect(await filesOf(server, code)).toHaveLength(3)
})

test('what the handler photographed is shown to the reporter', async ({ page, server }) => {
  const code = await report(page, words('井盖松动'))
  const { id } = await server.ask<{ id: string }>(`/api/v1/track/${code}`)
  const { secret } = await server.ask<{ secret: string }>('/api/v1/session', { method: 'POST', body: { login: 'gezhang', password } })
  const sent = await fetch(`${server.url}/api/v1/cases/${id}/files/${randomUUID()}?name=after.png&use=after&public=true`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'image/png' },
    body: new Uint8Array(picture(80, 60)),
  })
  expect(sent.status).toBe(201)
  await page.goto(`/t/${code}`)
  const shown = page.getByRole('img', { name: /处理后/ })
  await expect(shown).toBeVisible()
  await expect.poll(() => shown.evaluate((i: HTMLImageElement) => i.naturalWidth)).toBeGreaterThan(0)
})

test('photos that found no server wait, and are sent when it is back', async ({ page, server }) => {
  await sayHere(page, words('树枝压线'))
  await page.getByRole('button', { name: '下一步' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: '树.png', mimeType: 'image/png', buffer: picture(80, 80) })
  await expect(page.locator('.photos img')).toHaveCount(1)
  await page.getByRole('button', { name: '下一步' }).click()
  await page.route('**/api/v1/track/*/files/*', (route) => route.abort('internetdisconnected'))
  const code = await send(page)
  await expect(page.getByText('还有 1 张照片没送到')).toBeVisible()
  await page.unroute('**/api/v1/track/*/files/*')
  await page.goto(`/t/${code}`)
  await expect(page.getByText('1 张照片已送到')).toBeVisible()
  expect(await filesOf(server, code)).toHaveLength(1)
})
