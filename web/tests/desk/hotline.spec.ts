import { expect, password, test, type Page } from '../harness'
import { act, grid, report, signIn, view } from './officer'

// A call that is being written is lost by nothing but the agent's own hand; what goes to an emergency number is on record.

const place = '迎新社区第一网格'

async function write(page: Page, what: { phone: string; name: string; text: string; place: string }) {
  await page.getByLabel('来电号码').fill(what.phone)
  await page.getByLabel(/怎么称呼/).fill(what.name)
  await page.getByLabel('说了什么事').fill(what.text)
  await page.getByLabel('在哪里').fill(what.place)
}

async function written(page: Page, what: { phone: string; name: string; text: string; place: string }) {
  await expect(page.getByLabel('来电号码')).toHaveValue(what.phone)
  await expect(page.getByLabel(/怎么称呼/)).toHaveValue(what.name)
  await expect(page.getByLabel('说了什么事')).toHaveValue(what.text)
  await expect(page.getByLabel('在哪里')).toHaveValue(what.place)
}

const resumed = (page: Page) => page.getByText(/还没开单的来电/)

test('leaving, a reload and a session that ran out keep the call', async ({ page, server, audit }) => {
  const call = { phone: '13812340001', name: '周师傅', text: '河边的护栏断了一截，孩子常在那儿玩', place }
  await signIn(page, server, 'huawu')
  await page.goto('/desk/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.goto('/desk/hotline')
  await expect(page.getByLabel('来电号码')).toBeFocused()
  await expect(resumed(page)).toHaveCount(0)
  await write(page, call)
  // the keyboard's way to the list and back
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await expect(page).toHaveURL(/\/desk\/cases/)
  await page.goBack()
  await expect(resumed(page)).toBeVisible()
  await written(page, call)
  await page.reload()
  await expect(resumed(page)).toBeVisible()
  await written(page, call)
  await audit('a call gone on with')
  await page.context().clearCookies()
  await page.getByRole('button', { name: /^开单/ }).click()
  const dialog = page.getByRole('dialog', { name: '登录工作台' })
  await dialog.getByLabel('密码', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('heading', { name: /已开单/ })).toBeVisible()
  const number = /\d{6}-\d{4}-\d{6}/.exec(await page.locator('.sent h2').innerText())![0]
  expect((await server.ask<{ body: string }>(`/api/v1/cases/${number}`, { as: 'huawu' })).body).toBe(call.text)
  // what is sent is not there a second time
  await page.reload()
  await expect(page.getByLabel('来电号码')).toBeFocused()
  await expect(resumed(page)).toHaveCount(0)
  await expect(page.getByLabel('说了什么事')).toHaveValue('')
})

test('the call ends with the agent: put aside, or signed out', async ({ page, server }) => {
  const call = { phone: '13812340002', name: '吴大姐', text: '楼上半夜拖桌子', place }
  await signIn(page, server, 'huawu')
  await page.goto('/desk/hotline')
  await write(page, call)
  await page.reload()
  await page.getByRole('button', { name: '放下，接下一个电话' }).click()
  await expect(page.getByLabel('来电号码')).toBeFocused()
  await expect(page.getByLabel('说了什么事')).toHaveValue('')
  await write(page, call)
  await page.getByRole('button', { name: /账号$/ }).click()
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '登录工作台' })).toBeVisible()
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain(call.phone)
  await signIn(page, server, 'huawu')
  await page.goto('/desk/hotline')
  await expect(page.getByLabel('来电号码')).toBeFocused()
  await expect(resumed(page)).toHaveCount(0)
  await expect(page.getByLabel('说了什么事')).toHaveValue('')
})

test('what a place has seen before, from the place alone', async ({ page, server, audit }) => {
  const where = { area: grid, address: `${place}7号楼` }
  const ended = await report(server, '七号楼门口的台阶碎了', where)
  await act(server, ended.number, 'decline', { reason: '物业上月已重铺，现场看过' })
  await report(server, '七号楼楼道的灯不亮', where)
  await signIn(page, server, 'huawu')
  await page.goto('/desk/hotline')
  const before = page.getByRole('region', { name: '这个地方以前的事' })
  await expect(before.getByText('写了地方就显示')).toBeVisible()
  await page.getByLabel('在哪里').fill(where.address)
  await expect(before.getByRole('link', { name: /台阶碎了/ })).toBeVisible()
  await expect(before.getByRole('link', { name: /楼道的灯/ })).toBeVisible()
  await expect(before.getByText('结果：物业上月已重铺，现场看过')).toBeVisible()
  await expect(before.getByText('同一地址').first()).toBeVisible()
  await audit('earlier at this place')
  const beside = page.waitForEvent('popup')
  await before.getByRole('link', { name: /台阶碎了/ }).click()
  await expect((await beside).getByRole('heading', { level: 1, name: /台阶碎了/ })).toBeVisible()
  await expect(page.getByLabel('在哪里')).toHaveValue(where.address)
})

test('from the call to an emergency number, with the order and its end on record', async ({ page, server, audit }) => {
  await signIn(page, server, 'huawu')
  await page.goto('/desk/hotline')
  await write(page, { phone: '13812340003', name: '郑先生', text: '三楼厨房着火了，浓烟往楼道里冒，还有老人没下来', place })
  await page.getByRole('button', { name: '已转 119，记下' }).click()
  const dialog = page.getByRole('dialog', { name: '记下已转 119' })
  await expect(dialog.getByLabel('记下的话')).toHaveValue(/^通话中已转 119（.+）。$/)
  await audit('recording a hand-over')
  await dialog.getByLabel('记下的话').fill('通话中已转 119，来电人已撤到楼下，说三楼还有一位老人')
  await dialog.getByRole('button', { name: '开单并记下' }).click()
  await expect(page.getByRole('heading', { name: '已转 119，记下了' })).toBeVisible()
  await audit('handed over')
  const number = /\d{6}-\d{4}-\d{6}/.exec(await page.getByText(/^单号/).innerText())![0]
  const now = await view(server, number, 'huawu')
  expect(now).toMatchObject({ ended: 'handed_over', urgency: 'urgent' })
  const last = now.timeline.filter((e) => e.action === 'hand_over')
  expect(last).toHaveLength(1)
  expect(last[0]!.data.form).toMatchObject({ note: '通话中已转 119，来电人已撤到楼下，说三楼还有一位老人' })
  await page.getByRole('button', { name: '接下一个电话' }).click()
  await expect(page.getByLabel('来电号码')).toBeFocused()
  await expect(page.getByLabel('说了什么事')).toHaveValue('')
  await page.reload()
  await expect(resumed(page)).toHaveCount(0)
})

test('the answer to a hand-over is lost: recording it again opens and ends one order', async ({ page, server }) => {
  const text = `燃气味很重，楼道里头晕 ${Date.now()}`
  await signIn(page, server, 'huawu')
  await page.goto('/desk/hotline')
  await write(page, { phone: '13812340004', name: '冯阿姨', text, place })
  let lost = 0
  await page.route('**/api/v1/cases/*/actions/hand_over', async (route) => {
    if (lost++) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await page
    .getByRole('button', { name: /^已转 1\d\d，记下$/ })
    .first()
    .click()
  await page.getByRole('button', { name: '开单并记下' }).click()
  await expect(page.getByRole('dialog').getByText(/没有连上服务器/)).toBeVisible()
  await page.getByRole('button', { name: '开单并记下' }).click()
  await expect(page.getByRole('heading', { name: /^已转 1\d\d，记下了$/ })).toBeVisible()
  const number = /\d{6}-\d{4}-\d{6}/.exec(await page.getByText(/^单号/).innerText())![0]
  const now = await view(server, number, 'huawu')
  expect(now.ended).toBe('handed_over')
  expect(now.timeline.filter((e) => e.action === 'hand_over')).toHaveLength(1)
})
