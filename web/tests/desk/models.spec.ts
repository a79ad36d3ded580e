import { expect, test, type Page } from '../harness'
import { activate, draft, history, modelOf, models, restore } from '../ways'
import { act, report, signIn, view } from './officer'

// Ways of working that change under somebody's hands: what counts from when, and what happens to those who are in the middle of it.

async function check(page: Page, text: string) {
  await page.goto('/desk/models/check')
  await page.getByRole('textbox', { name: '模型草稿' }).fill(text)
  await page.getByRole('button', { name: '检查', exact: true }).click()
}
async function decide(page: Page, reason: string, button: string) {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('原因', { exact: true }).fill(reason)
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await dialog.getByRole('button', { name: button, exact: true }).click()
}

test('a draft with an error is refused with its line, and nothing is kept', async ({ page, server, audit }) => {
  await signIn(page, server, 'guanli')
  const bad = await draft(server, 'three-orders', (text) => text.replace(/\bto: (\w+)/, 'to: nowhere'))
  const line = bad.text.split('\n').findIndex((l) => l.includes('nowhere')) + 1
  await check(page, bad.text)
  await expect(page.getByText(/有 \d+ 处错误，现在还不能用/)).toBeVisible()
  await expect(page.getByRole('button', { name: '启用这一版' })).toHaveCount(0)
  await page
    .getByRole('button', { name: `第 ${line} 行` })
    .first()
    .click()
  const editor = page.getByRole('textbox', { name: '模型草稿' })
  await expect(editor).toBeFocused()
  const marked = await editor.evaluate((el: HTMLTextAreaElement) => el.value.slice(0, el.selectionStart).split('\n').length)
  expect(marked).toBe(line)
  await audit('draft with errors')
  // who goes around the screen is refused all the same, by line
  const { revision } = await history(server, 'three-orders')
  const refused = server.ask('/api/v1/models/three-orders/activations', {
    as: 'guanli',
    method: 'POST',
    body: { base: revision, text: bad.text, reason: '硬来' },
  })
  await expect(refused).rejects.toThrow(new RegExp(`422.*model-unsound.*text:${line}:`))
  expect((await models(server)).map((m) => m.id)).not.toContain(bad.id)
})

test('a version is put into use: new cases follow it, an old one keeps its own, and it can be taken back', async ({
  page,
  server,
  audit,
}) => {
  test.setTimeout(120_000)
  const before = (await history(server, 'seven-step')).active
  const old = await report(server, '桥栏杆松了一截')
  expect(await modelOf(server, old.number)).toBe(before)
  await signIn(page, server, 'guanli')
  const next = await draft(server, 'seven-step', (text) => text.replace(/overall: .*/, 'overall: {working_days: 9}'))
  await check(page, next.text)
  await expect(page.getByText('没有错误，可以用')).toBeVisible()
  const changes = page.getByRole('region', { name: '改了什么' })
  await expect(changes.getByText('全程时限')).toBeVisible()
  await expect(changes.getByText(/→ 9 个工作日/)).toBeVisible()
  const picture = page.getByRole('img', { name: /流程图/ })
  await expect.poll(() => picture.evaluate((el: HTMLImageElement) => el.naturalWidth)).toBeGreaterThan(200)
  await audit('sound draft')
  // what was typed since was not looked at: it has to be checked first
  const editor = page.getByRole('textbox', { name: '模型草稿' })
  await editor.press('End')
  await editor.pressSequentially(' ')
  await expect(page.getByRole('button', { name: '启用这一版' })).toHaveCount(0)
  await editor.fill(next.text)
  await page.getByRole('button', { name: '检查', exact: true }).click()
  await page.getByRole('button', { name: '启用这一版' }).click()
  await audit('putting into use')
  await decide(page, '县委办通知', '启用这一版')
  await expect(page.getByText(new RegExp(`已安排：.*按 ${next.id} 办`))).toBeVisible()

  const fresh = await report(server, '桥上的灯也不亮')
  expect(await modelOf(server, fresh.number)).toBe(next.id)
  expect(await modelOf(server, old.number)).toBe(before)
  await act(server, old.number, 'here', { note: '我来' }) // and goes on by it
  expect((await view(server, old.number)).stage).toBe('handle')

  await page.goto('/desk/models')
  await expect(page.getByText(next.id)).toBeVisible()
  await expect(page.getByText(/今天 .*起，新事项按这一版办/).first()).toBeVisible()
  await page.goto(`/desk/models/${next.id}`) // an address of its own, though it ends like a file's
  const story = page.getByRole('region', { name: '启用记录' })
  await expect(story.getByText(/县委办通知/)).toBeVisible()
  await audit('history')
  await story.getByRole('button', { name: '撤回' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('原因', { exact: true }).fill('时限太紧')
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await expect(dialog.getByText(`从现在起，新事项按 ${before} 办`)).toBeVisible()
  await dialog.getByRole('button', { name: '撤回', exact: true }).click()
  await expect(story.getByText(/撤回：时限太紧/)).toBeVisible()
  expect(await modelOf(server, (await report(server, '桥下积水')).number)).toBe(before)
  expect(await modelOf(server, fresh.number)).toBe(next.id)
  // who decided what stands in the access log
  const log = await server.ask<{ entries: { what: string; object: string; purpose: string }[] }>('/api/v1/access-log?page_size=50', {
    as: 'guanli',
  })
  for (const [what, purpose] of [
    ['model.activate', '县委办通知'],
    ['model.withdraw', '时限太紧'],
  ])
    expect(log.entries.some((e) => e.what === what && e.object === next.id && e.purpose === purpose)).toBe(true)
})

test('a version is planned for a day to come', async ({ page, server }) => {
  await signIn(page, server, 'guanli')
  const before = (await history(server, 'whistle')).active
  const next = await draft(server, 'whistle')
  await check(page, next.text)
  await page.getByRole('button', { name: '启用这一版' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('定一个时间').click()
  await dialog.getByLabel('原因', { exact: true }).fill('元旦起执行')
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await expect(dialog.getByText('请填写从什么时候起')).toBeVisible()
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10)
  await dialog.getByLabel('从什么时候起').last().fill(`${day}T00:00`)
  await decide(page, '元旦起执行', '启用这一版')
  await expect(page.getByText(/已安排/)).toBeVisible()
  const now = await history(server, 'whistle')
  expect(now.active).toBe(before)
  expect(now.activations[0]).toMatchObject({ model: next.id, state: 'planned' })
  expect(Date.parse(now.activations[0]!.since)).toBe(Date.parse(`${day}T00:00:00+08:00`)) // midnight of the county
  await page.goto('/desk/models')
  const card = page.getByRole('listitem').filter({ hasText: next.id })
  await expect(card.getByText('待启用')).toBeVisible()
  await restore(server, 'whistle')
})

test('two administrators: the second sees what the first decided, and decides again', async ({ page, server }) => {
  await signIn(page, server, 'guanli')
  const first = await draft(server, 'legal-service')
  const after = Number(first.id.split('.')[1]) + 1
  const mine = { id: `legal-service@2026.${after}`, text: first.text.replace(/version: "2026\.\d+"/, `version: "2026.${after}"`) }
  await check(page, mine.text)
  await page.getByRole('button', { name: '启用这一版' }).click()
  const dialog = page.getByRole('dialog')
  await activate(server, 'legal-service', first.text, '司法局先定了一版')
  await decide(page, '综治中心的意见', '启用这一版')
  await expect(dialog.getByText('您填写时，有人刚改过：')).toBeVisible()
  await expect(dialog.getByText(new RegExp(`启用 ${first.id}：司法局先定了一版`))).toBeVisible()
  await expect(dialog.getByLabel('原因', { exact: true })).toHaveValue('综治中心的意见')
  expect((await history(server, 'legal-service')).active).toBe(first.id)
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await dialog.getByRole('button', { name: '启用这一版', exact: true }).click()
  await expect(page.getByText(/已安排/)).toBeVisible()
  const now = await history(server, 'legal-service')
  expect(now.active).toBe(mine.id)
  expect(now.activations.map((a) => a.reason)).toEqual(['综治中心的意见', '司法局先定了一版'])
  await restore(server, 'legal-service')
})

test('another version comes into use while a form is open: said, shown, and nothing typed is lost', async ({ page, server, audit }) => {
  test.setTimeout(120_000)
  const made = await report(server, '健身器材螺丝松了')
  const own = await modelOf(server, made.number)
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(page.locator('.dot.on')).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: '网格内办' }).click()
  const sheet = page.getByRole('region', { name: '网格内办' })
  await sheet.getByRole('textbox').first().fill('先贴提示，别让孩子玩')
  const next = await draft(server, 'seven-step', (text) => text.replace(/overall: .*/, 'overall: {working_days: 8}'))
  await activate(server, 'seven-step', next.text)
  await expect(sheet.getByText(/这类事的办法刚换了新版本/)).toBeVisible({ timeout: 30_000 })
  await sheet.getByText('看看新版本改了什么').click()
  await expect(sheet.getByText(/→ 8 个工作日/)).toBeVisible()
  await audit('form with a newer version')
  await expect(sheet.getByRole('textbox').first()).toHaveValue('先贴提示，别让孩子玩')
  await sheet.getByRole('button', { name: '网格内办' }).click()
  await expect(page.getByText('“网格内办”已办好')).toBeVisible()
  const now = await view(server, made.number)
  expect(now.timeline.at(-1)!.data.form).toMatchObject({ note: '先贴提示，别让孩子玩' })
  expect(await modelOf(server, made.number)).toBe(own)
  await restore(server, 'seven-step')
})

test('two officers act on one case: the second sees what the first did, looks, and then sends', async ({
  browser,
  page,
  server,
  audit,
}) => {
  const made = await report(server, '围挡被风吹倒半边')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '网格内办' }).click()
  const sheet = page.getByRole('region', { name: '网格内办' })
  await sheet.getByRole('textbox').first().fill('请先扶正，再通知施工方')

  const other = await browser.newContext({ baseURL: server.url, locale: 'zh-CN' })
  const second = await other.newPage()
  await signIn(second, server, 'shuji')
  await second.goto(`/desk/cases/${made.number}`)
  await second.getByRole('button', { name: '写进展' }).click()
  const note = second.getByRole('region', { name: '写进展' })
  await note.getByRole('textbox').first().fill('施工方半小时后到')
  await note.getByRole('button', { name: '写进展' }).click()
  await expect(second.getByText('“写进展”已办好')).toBeVisible()
  await other.close()
  const { urgency } = await server.ask<{ urgency: string }>(`/api/v1/cases/${made.number}`, { as: 'paidan' })
  const names: Record<string, string> = { urgent: '紧急', priority: '优先', normal: '一般', complex: '复杂' }
  const next = urgency === 'complex' ? 'priority' : 'complex'
  await act(server, made.number, 'correct', { urgency: next, category: '02.07.05', reason: '吊车' })

  await sheet.getByRole('button', { name: '网格内办' }).click()
  const dialog = page.getByRole('dialog', { name: '您填写时，别人刚办过这件事' })
  await expect(dialog.getByText('施工方半小时后到')).toBeVisible()
  await expect(dialog.getByText('缓急：')).toBeVisible()
  await expect(dialog.getByText(`${names[urgency]} → ${names[next]}`)).toBeVisible()
  await expect(dialog.getByText('分类：')).toBeVisible()
  await expect(dialog.getByText(/→ 路灯不亮或缺失$/)).toBeVisible()
  await expect(dialog.getByText('吊车')).toBeVisible()
  await audit('two officers on one case')
  await dialog.getByRole('button', { name: '先看看，不提交' }).click()
  expect((await view(server, made.number)).stage).toBe('sort')
  await expect(sheet.getByRole('textbox').first()).toHaveValue('请先扶正，再通知施工方')
  await sheet.getByRole('textbox').first().fill('施工方已在路上，到了看一眼')
  await sheet.getByRole('button', { name: '网格内办' }).click()
  await expect(page.getByText('“网格内办”已办好')).toBeVisible()
  const now = await view(server, made.number)
  expect(now.timeline.filter((e) => e.action === 'here')).toHaveLength(1)
  expect(now.timeline.at(-1)!.data.form).toMatchObject({ note: '施工方已在路上，到了看一眼' })
})
