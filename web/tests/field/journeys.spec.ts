import { expect, grid, inState, photo, rewrite, send, signIn, test, write } from './county'

// A worker's day with and without signal. What counts is read from the server in the end.

test('today: what needs me by the clock; taken, done with photos, and the dispatcher has it', async ({ county, worker: page }) => {
  const task = await county.task('红星小区二单元楼道灯不亮')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '红星小区二单元楼道灯不亮' })
  await expect(card).toContainText('迎新路12号')
  await card.getByRole('button', { name: /签收/ }).click()
  await expect(card.getByRole('button', { name: /反馈/ })).toBeVisible()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await card.getByRole('button', { name: /反馈/ }).click()
  await expect(page.getByRole('heading', { level: 2, name: '反馈' })).toBeVisible()
  await page.getByLabel(/结果/).fill('换了灯泡，亮了')
  const inputs = page.locator('input[type=file]')
  await inputs.nth(0).setInputFiles([await photo(page, '前.jpg', 300)])
  await inputs.nth(1).setInputFiles([await photo(page, '后.jpg', 300)])
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(2)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect.poll(async () => (await county.view(task.id)).stage).toBe('verify')
  await expect.poll(async () => (await county.view(task.id)).files.length).toBe(2)
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  const after = await county.view(task.id)
  expect(after.files.map((f) => f.use).sort()).toEqual(['after', 'before'])
  expect(after.timeline.filter((e) => e.action === 'feed_back')).toHaveLength(1)
})

test('a step that has just arrived is not offered again while the case is still fetched', async ({ county, worker: page }) => {
  const task = await county.task('老槐树枝压到电线')
  await page.goto(`/field/cases/${task.id}`)
  await expect(page.getByRole('button', { name: '签收', exact: true })).toBeVisible()
  let go = () => {}
  const held = new Promise<void>((done) => (go = done))
  await page.route(`**/api/v1/cases/${task.id}`, async (route) => {
    await held
    await route.continue()
  })
  await page.route('**/api/v1/field/package', async (route) => {
    await held
    await route.continue()
  })
  const arrived = page.waitForResponse('**/actions/take')
  await page.getByRole('button', { name: '签收', exact: true }).click()
  await arrived
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await expect(page.getByRole('button', { name: '签收', exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await page.getByLabel(/结果/).fill('枝条锯掉了')
  go()
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect.poll(async () => (await county.view(task.id)).stage).toBe('verify')
})

test('a report in a few taps: photo, words, the position by itself; received with its number', async ({ county, worker: page }) => {
  const words = `报一处井盖松动 ${Date.now()}`
  const began = Date.now()
  await write(page, words, [await photo(page, '井盖.jpg')])
  await expect(page.getByText(/已定位/)).toBeVisible()
  await send(page)
  await expect(page.getByText(/已收到，编号/)).toBeVisible()
  expect(Date.now() - began).toBeLessThan(20_000)
  await expect(inState(page, 'sent')).toHaveCount(2)
  expect(await county.count(words)).toBe(1)
})

test('airplane mode: opened, reported, taken and done without signal; all of it arrives once', async ({
  county,
  worker: page,
  context,
}) => {
  const task = await county.task('东风路井盖缺失需要围挡')
  await page.getByRole('button', { name: '刷新' }).click()
  await expect(page.getByRole('article').filter({ hasText: '东风路井盖缺失需要围挡' })).toBeVisible()
  await context.setOffline(true)
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('今天')
  await expect(page.getByRole('link', { name: /没有信号/ })).toBeVisible()
  const words = `没有信号时报的漏水 ${Date.now()}`
  await write(page, words, [await photo(page, '漏水.jpg')])
  await send(page)
  await expect(page.getByText('已记下，有信号就自动发出').first()).toBeVisible()
  await page.getByRole('link', { name: '今天' }).click()
  const card = page.getByRole('article').filter({ hasText: '东风路井盖缺失需要围挡' })
  await card.getByRole('button', { name: /签收/ }).click()
  await card.getByRole('button', { name: /反馈/ }).click()
  await page.getByLabel(/结果/).fill('已围挡并报修')
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect(page.getByText(/已记下，有信号就自动发出/)).toBeVisible()
  await page.reload() // closing and opening loses nothing
  await expect(page.getByRole('link', { name: /4 条待发/ })).toBeVisible()
  expect(await county.count(words)).toBe(0)
  await context.setOffline(false)
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  expect(await county.count(words)).toBe(1)
  const after = await county.view(task.id)
  expect(after.stage).toBe('verify')
  expect(after.timeline.filter((e) => ['take', 'feed_back'].includes(e.action)).map((e) => e.action)).toEqual(['take', 'feed_back'])
})

test('a tab killed in the middle of an upload: it goes on where it was, once', async ({ county, worker: page, context }) => {
  const words = `上传到一半手机死机 ${Date.now()}`
  let parts = 0
  let cut = true
  await context.route('**/api/v1/cases/*/files/*', async (route) => {
    if (cut && route.request().method() === 'PUT' && ++parts === 2) {
      await page.close() // the second part never gets out of the telephone
      return
    }
    await route.continue().catch(() => undefined)
  })
  await write(page, words, [await photo(page, '大图.jpg', 1100)])
  await send(page).catch(() => undefined)
  await expect.poll(() => page.isClosed(), { timeout: 60_000 }).toBe(true) // the outbox tries again by itself where it was not let in
  cut = false
  const ranges: string[] = []
  const again = await context.newPage()
  again.on('request', (r) => r.method() === 'PUT' && ranges.push(r.headers()['content-range'] ?? ''))
  await again.goto('/field/outbox')
  await expect(inState(again, 'sent')).toHaveCount(2)
  // it goes on behind what arrived; how much of the second part did, the dying tab decides
  const from = Number(/^bytes (\d+)-/.exec(ranges[0] ?? '')?.[1])
  expect(from).toBeGreaterThanOrEqual(262144)
  expect(await county.count(words)).toBe(1)
  const list = await county.server.ask<{ cases: { id: string }[] }>(
    `/api/v1/cases?scope=area&state=all&sort=newest&q=${encodeURIComponent(words)}`,
    { as: 'paidan' },
  )
  expect((await county.view(list.cases[0]!.id)).files).toHaveLength(1)
})

test('the server refuses: the reason stays, it is put right and sent', async ({ county, worker: page, context, audit }) => {
  const words = `地点写错的上报 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words)
  await page.getByRole('button', { name: '清除' }).click()
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(1)
  await rewrite(page, { place: { area: 'gone' } }) // a grid that has been dissolved meanwhile
  await context.setOffline(false)
  await expect(inState(page, 'refused')).toContainText('没有这个区域代码')
  await expect(page.getByRole('link', { name: /1 条没发成/ })).toBeVisible()
  expect(await county.count(words)).toBe(0)
  await page.reload()
  await expect(inState(page, 'refused')).toHaveCount(1)
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出成文件' }).click()
  expect((await saved).suggestedFilename()).toBe('linli-outbox.json')
  await page.getByRole('button', { name: '修改', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('link', { name: '没有这个区域代码' })).toBeVisible()
  await expect(dialog.getByLabel('什么事')).toHaveValue(words)
  await dialog.getByLabel('地址').fill('迎新社区迎新路')
  await dialog.getByRole('button', { name: '保存并发送' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(inState(page, 'refused')).toContainText('没有这个区域代码') // the place is still wrong: it is refused again, and stays
  await page.getByRole('button', { name: '修改', exact: true }).click()
  await dialog.getByLabel('网格', { exact: true }).selectOption(grid)
  await dialog.getByLabel('搜分类').fill('路灯')
  await dialog.getByRole('button', { name: '路灯不亮或缺失' }).click()
  await dialog.getByLabel('紧急，有危险').check()
  await audit('putting a report right')
  await dialog.getByRole('button', { name: '保存并发送' }).click()
  await expect(inState(page, 'sent')).toContainText(words)
  expect(await county.count(words)).toBe(1)
  const { id } = await county.caseOf(words)
  const made = await county.server.ask<{ area: string; address: string; urgency: string; category_title: { zh: string } }>(
    `/api/v1/cases/${id}`,
    {
      as: 'paidan',
    },
  )
  expect(made).toMatchObject({ area: grid, address: '迎新社区迎新路', urgency: 'urgent' })
  expect(made.category_title.zh).toBe('路灯不亮或缺失')
})

test('a step refused for whom it names is put right with the form of its model, and sent', async ({
  county,
  worker: page,
  context,
  audit,
}) => {
  const task = await county.task('转给已经没有的岗位的事')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '转给已经没有的岗位的事' })
  await card.getByRole('button', { name: /签收/ }).click()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await page.getByRole('button', { name: '刷新' }).click()
  await page.goto(`/field/cases/${task.id}`)
  await expect(page.getByRole('button', { name: '转办', exact: true })).toBeVisible()
  await context.setOffline(true)
  await page.getByRole('button', { name: '转办', exact: true }).click()
  await page.getByRole('combobox', { name: '岗位' }).fill('网格长')
  await page
    .getByRole('option', { name: /网格长/ })
    .first()
    .click()
  await page.getByLabel('理由').fill('网格长更熟悉')
  await page.getByRole('button', { name: '转办', exact: true }).click()
  await expect(page.getByText(/已记下/)).toBeVisible()
  await page.goto('/field/outbox')
  await expect(inState(page, 'waiting')).toHaveCount(1)
  await rewrite(page, { post: 'grid-head@gone' }) // a post that went with its grid meanwhile
  await context.setOffline(false)
  await expect(inState(page, 'refused')).toContainText('从列表中选择')
  const transfers = async () => (await county.view(task.id)).timeline.filter((e) => e.action === 'transfer')
  expect(await transfers()).toHaveLength(0)
  await page.getByRole('button', { name: '留住我写的' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('理由：')).toBeVisible()
  await expect(dialog.getByText('网格长更熟悉')).toBeVisible()
  await dialog.getByRole('button', { name: '关闭' }).click()
  await page.getByRole('button', { name: '修改', exact: true }).click()
  await expect(dialog.getByLabel('理由')).toHaveValue('网格长更熟悉')
  await dialog.getByRole('button', { name: /移除/ }).click()
  await dialog.getByRole('combobox', { name: '岗位' }).fill('网格长')
  await dialog
    .getByRole('option', { name: /网格长/ })
    .first()
    .click()
  await audit('putting a step right')
  await dialog.getByRole('button', { name: '保存并发送' }).click()
  await expect(inState(page, 'sent').filter({ hasText: '转办' })).toHaveCount(1)
  expect(await transfers()).toHaveLength(1)
  expect((await transfers())[0]!.data.form).toMatchObject({ reason: '网格长更熟悉', post: expect.stringMatching(/^grid-head@3206/) })
})

test('reassigned while offline: both sides are shown, what was written becomes a note', async ({ county, worker: page, context }) => {
  const task = await county.task('西园栏杆松动待处理')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '西园栏杆松动待处理' })
  await card.getByRole('button', { name: /签收/ }).click()
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await page.getByRole('button', { name: '刷新' }).click()
  await context.setOffline(true)
  await card.getByRole('button', { name: /反馈/ }).click()
  await page.getByLabel(/结果/).fill('我已经把栏杆焊好了')
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await county.act(task.id, 'transfer', { post: 'grid-head@320682001001001', reason: '换网格长办' }, 'wangge')
  await context.setOffline(false)
  await page.getByRole('link', { name: /没发成/ }).click()
  await page.getByRole('button', { name: '看看怎么办' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('我已经把栏杆焊好了')
  await expect(dialog).toContainText('换网格长办')
  await dialog.getByRole('button', { name: '按现在的，我的先搁下' }).click()
  await expect(inState(page, 'aside')).toContainText('反馈')
  expect((await county.view(task.id)).timeline.filter((e) => e.action === 'feed_back')).toHaveLength(0)
})

test('the same fact changed twice asks; different facts go together by themselves', async ({ county, page, context, audit }) => {
  const same = await county.unsorted('两个人同时改分类的事')
  const other = await county.unsorted('一个改分类一个改紧急程度')
  const urgencyOf = async (id: string) => (await county.server.ask<{ urgency: string }>(`/api/v1/cases/${id}`, { as: 'paidan' })).urgency
  const before = { urgent: '紧急', priority: '优先', normal: '一般', complex: '复杂' }[await urgencyOf(same.id)]!
  await signIn(page, 'paidan')
  await page.getByRole('link', { name: '任务' }).click()
  for (const c of [same, other]) {
    await page.goto(`/field/cases/${c.id}`)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(c.title)
  }
  await context.setOffline(true)
  for (const c of [same, other]) {
    await page.goto(`/field/cases/${c.id}`)
    await page.getByRole('button', { name: '更正信息', exact: true }).click()
    await page.getByLabel('理由').fill('现场看了更急')
    await page.getByRole('radio', { name: '紧急' }).check()
    await page.getByRole('button', { name: '更正信息', exact: true }).click()
    await expect(page.getByText(/已记下/)).toBeVisible()
  }
  await county.act(same.id, 'correct', { urgency: 'complex', reason: '先按复杂办' })
  await county.act(other.id, 'correct', { confidential: true, reason: '涉及隐私' })
  await context.setOffline(false)
  await page.goto('/field/outbox')
  await expect(inState(page, 'sent')).toContainText('一个改分类一个改紧急程度')
  await expect(inState(page, 'refused')).toContainText('别人也改了同一处')
  await page.getByRole('button', { name: '看看怎么办' }).click()
  const dialog = page.getByRole('dialog')
  const side = (name: string) => dialog.locator('section').filter({ has: page.getByRole('heading', { name }) })
  await expect(side('您要做的').getByText('复杂 → 紧急')).toBeVisible()
  await expect(side('您要做的').getByText('现场看了更急')).toBeVisible()
  await expect(side('这期间的变化').getByText(`${before} → 复杂`)).toBeVisible()
  await expect(side('这期间的变化').getByText('先按复杂办')).toBeVisible()
  await expect(dialog.getByText('缓急：')).toHaveCount(2)
  await expect(dialog).not.toContainText(/urgent|complex|normal|priority/)
  await audit('the same fact, both sides')
  await page.getByRole('button', { name: '还是按我的办' }).click()
  await expect(inState(page, 'sent')).toHaveCount(2)
  for (const c of [same, other]) expect(await urgencyOf(c.id)).toBe('urgent')
})
