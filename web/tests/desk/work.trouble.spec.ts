import { Server, expect, test } from '../harness'
import { act, report, signIn, view } from './officer'

// Bad luck at the desk: nothing typed is lost, nothing is done twice, and it is said plainly what happened.

test('somebody was faster: see what changed, then choose', async ({ page, server }) => {
  const made = await report(server, '小区围墙裂了一道缝，雨天怕倒')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '网格内办' }).click()
  const sheet = page.getByRole('region', { name: '网格内办' })
  await sheet.getByRole('textbox').first().fill('先围起来，别让孩子靠近')
  await act(server, made.number, 'note', { note: '我在现场看过，裂缝有两指宽' }, 'shuji')
  await sheet.getByRole('button', { name: '网格内办' }).click()
  const dialog = page.getByRole('dialog', { name: '您填写时，别人刚办过这件事' })
  await expect(dialog.getByText('我在现场看过，裂缝有两指宽')).toBeVisible()
  expect((await view(server, made.number)).stage).toBe('sort')
  await dialog.getByRole('button', { name: '仍然按我填的办' }).click()
  await expect(page.getByText('“网格内办”已办好')).toBeVisible()
  const now = await view(server, made.number)
  expect(now.stage).toBe('handle')
  expect(now.timeline.at(-1)!.data.form).toMatchObject({ note: '先围起来，别让孩子靠近' })
})

test('a step that is gone is said, and what was typed stays', async ({ page, server }) => {
  const made = await report(server, '楼下餐馆的油烟直接排到窗口')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '不受理' }).click()
  const sheet = page.getByRole('region', { name: '不受理' })
  await sheet.getByRole('textbox').first().fill('已经有人在办这件事了')
  await act(server, made.number, 'here', { note: '我来' })
  await expect(page.getByText(/“不受理”现在不能办了/)).toBeVisible()
  await expect(sheet.getByRole('textbox').first()).toHaveValue('已经有人在办这件事了')
  await sheet.getByRole('button', { name: '不受理' }).click()
  await expect(page.getByText('您要办的这一步现在不能办了。')).toBeVisible()
  expect((await view(server, made.number)).ended).toBeFalsy()
})

test('the session ends in the middle of a form', async ({ page, server }) => {
  const made = await report(server, '路口的红绿灯一直闪黄灯')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '网格内办' }).click()
  const sheet = page.getByRole('region', { name: '网格内办' })
  await sheet.getByRole('textbox').first().fill('请联系交警核实')
  await page.context().clearCookies()
  await sheet.getByRole('button', { name: '网格内办' }).click()
  const dialog = page.getByRole('dialog', { name: '登录工作台' })
  await expect(dialog.getByText('登录已过期')).toBeVisible()
  await expect(dialog.getByLabel('账号')).toHaveValue('paidan')
  await dialog.getByLabel('密码', { exact: true }).fill('lin-li-shi-fan-2026')
  await dialog.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByText('“网格内办”已办好')).toBeVisible()
  const now = await view(server, made.number)
  expect(now.timeline.filter((e) => e.action === 'here')).toHaveLength(1)
  expect(now.timeline.at(-1)!.data.form).toMatchObject({ note: '请联系交警核实' })
})

test('the server is restarted while a form is open', async ({ page }) => {
  const server = await new Server().start()
  try {
    const made = await report(server, '公交站的顶棚被风掀了')
    await signIn(page, server, 'paidan')
    await page.goto(`${server.url}/desk/cases/${made.number}`)
    await page.getByRole('button', { name: '网格内办' }).click()
    const sheet = page.getByRole('region', { name: '网格内办' })
    await sheet.getByRole('textbox').first().fill('先拉警戒线')
    await server.stop()
    await sheet.getByRole('button', { name: '网格内办' }).click()
    await expect(sheet.getByText(/没有连上服务器/)).toBeVisible()
    await expect(sheet.getByRole('textbox').first()).toHaveValue('先拉警戒线')
    await server.start()
    await sheet.getByRole('button', { name: '网格内办' }).click()
    await expect(page.getByText('“网格内办”已办好')).toBeVisible()
    expect((await view(server, made.number)).timeline.filter((e) => e.action === 'here')).toHaveLength(1)
    // and the stream goes on by itself
    await expect(page.locator('.dot.on')).toBeVisible({ timeout: 45_000 })
  } finally {
    await server.remove()
  }
})

test('a line that is down is said at once, and nothing is sent later behind one’s back', async ({ page, server }) => {
  const made = await report(server, '楼道里堆着旧沙发，下楼要侧身')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '网格内办' }).click()
  const sheet = page.getByRole('region', { name: '网格内办' })
  await sheet.getByRole('textbox').first().fill('请住户今天搬走')
  await page.context().setOffline(true)
  await sheet.getByRole('button', { name: '网格内办' }).click()
  await expect(sheet.getByText(/没有连上服务器/)).toBeVisible()
  await expect(sheet.getByRole('textbox').first()).toHaveValue('请住户今天搬走')
  await page.context().setOffline(false)
  await act(server, made.number, 'note', { note: '我路过看了一眼' }, 'shuji')
  await expect(page.getByText('我路过看了一眼').first()).toBeVisible({ timeout: 60_000 })
  expect((await view(server, made.number)).timeline.filter((e) => e.action === 'here')).toHaveLength(0)
})

test('news are told, and nothing jumps under the hand', async ({ page, server }) => {
  await report(server, '菜场的地面太滑了')
  await signIn(page, server, 'paidan')
  await page.goto('/desk/cases?scope=area&state=open&sort=newest')
  await expect(page.locator('.dot.on')).toBeVisible()
  const titles = page.locator('.row-line .title')
  const before = await titles.first().innerText()
  await report(server, '菜场的排水沟堵了')
  await expect(page.getByText(/有 \d+ 件事项有变化/)).toBeVisible({ timeout: 20_000 })
  expect(await titles.first().innerText()).toBe(before)
  await page.getByRole('button', { name: '刷新看看' }).click()
  await expect(titles.first()).toHaveText(/排水沟/)
})

test('a form of one case survives a look at another', async ({ page, server }) => {
  const made = await report(server, '广场舞的音响太响')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '网格内办' }).click()
  await page.getByRole('region', { name: '网格内办' }).getByRole('textbox').first().fill('先去量一下分贝')
  await page.getByRole('link', { name: '回到列表' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '事项', exact: true })).toBeVisible()
  await page.goBack()
  await page.getByRole('button', { name: '网格内办' }).click()
  await expect(page.getByRole('region', { name: '网格内办' }).getByRole('textbox').first()).toHaveValue('先去量一下分贝')
})

test('who reported is seen for a purpose only', async ({ page, server }) => {
  const body = { id: crypto.randomUUID().replace(/^(.{14})./, '$17'), text: '邻居半夜打麻将', place: { area: '320682001001001' } }
  const made = await server.ask<{ number: string }>('/api/v1/cases', {
    method: 'POST',
    body: { ...body, reporter: { name: '周建军', phone: '13900001111' } },
  })
  await signIn(page, server, 'zhiban')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(page.getByText('周建军')).toHaveCount(0)
  await page.getByRole('button', { name: '查看实名' }).click()
  await page.getByLabel('为什么要看').fill('电话核实时间')
  await page.getByRole('dialog').getByRole('button', { name: '查看', exact: true }).click()
  await expect(page.getByText('周建军')).toBeVisible()
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).first().click()
  await expect(page.getByText('周建军')).toHaveCount(0)
})
