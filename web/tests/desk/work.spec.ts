import { expect, test } from '../harness'
import { act, report, signIn, view } from './officer'

test('signing in with an account of the demonstration', async ({ page, audit }) => {
  await page.goto('/desk/cases?scope=area')
  await expect(page.getByRole('heading', { level: 1, name: '登录工作台' })).toBeVisible()
  await audit('sign in')
  await page.getByRole('button', { name: /派单员/ }).click()
  await expect(page.getByLabel('账号')).toHaveValue('paidan')
  await page.keyboard.press('Enter')
  // where one wanted to go, not the start
  await expect(page.getByRole('heading', { level: 1, name: '事项' })).toBeVisible()
  await page.getByRole('button', { name: /李桂兰\s*账号/ }).click()
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '登录工作台' })).toBeVisible()
})

test('a one-time password is replaced before anything else', async ({ page, server }) => {
  const login = `xinren${Date.now()}`
  const once = 'yi-ci-xing-2026'
  const person = { login, name: '钱新', password: once, must_change: true }
  await server.ask('/api/v1/people', { as: 'guanli', method: 'POST', body: person })
  await page.goto('/desk/')
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码', { exact: true }).fill(once)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: '设一个新密码' })).toBeVisible()
  await page.getByLabel('现在的密码').fill(once)
  await page.getByLabel('新密码', { exact: true }).fill('short')
  await page.getByLabel('再输一遍新密码').fill('short')
  await page.getByRole('button', { name: '换成新密码' }).click()
  await expect(page.getByText('新密码至少 10 个字符')).toBeVisible()
  await page.getByLabel('新密码', { exact: true }).fill('yi-ge-xin-mi-ma-2026')
  await page.getByLabel('再输一遍新密码').fill('yi-ge-xin-mi-ma-2026')
  await page.getByRole('button', { name: '换成新密码' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('钱新')
})

test('the same action on several cases tells what became of each', async ({ page, server }) => {
  const made = []
  for (const n of ['甲', '乙', '丙']) made.push(await report(server, `小广告贴满了${n}单元的门`))
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases?scope=area&state=open&q=${encodeURIComponent('小广告贴满')}`)
  await expect(page.getByText('到底了，共 3 件')).toBeVisible()
  for (const box of await page.getByRole('checkbox', { name: /^选中 小广告/ }).all()) await box.check()
  await page.getByRole('button', { name: '批量办理' }).click()
  // somebody is faster with one of them
  await act(server, made[1]!.number, 'here', { note: '我先派了' })
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: '网格内办' }).check()
  await dialog.getByRole('button', { name: '网格内办' }).click()
  await expect(dialog.getByText('办成 2 件')).toBeVisible()
  await expect(dialog.getByText('1 件没办成，原因在下面')).toBeVisible()
  await expect(dialog.getByText(/别人刚改过这个事项/)).toBeVisible()
  for (const m of made) expect((await view(server, m.number)).stage).toBe('handle')
})

test('the list as a workbook', async ({ page, server }) => {
  await signIn(page, server, 'paidan')
  await page.goto('/desk/cases?scope=area&state=all')
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出表格' }).click()
  const file = await coming
  expect(file.suggestedFilename()).toMatch(/\.xlsx$/)
  expect(await file.failure()).toBeNull()
})

test('joint handling: whistle, muster, and every unit side by side', async ({ page, server, audit }) => {
  const made = await report(server, '河边的违建占了消防通道，几家单位都说不归自己')
  await act(server, made.number, 'whistle', { reason: '要城建和农业一起来看' })
  await signIn(page, server, 'zhiban')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('button', { name: '召集' }).first().click()
  const sheet = page.getByRole('region', { name: '召集' })
  const lead = sheet.getByRole('combobox').first()
  await lead.fill('如城规划建设')
  await page.getByRole('option', { name: '如城规划建设办公室' }).click()
  await sheet.getByRole('combobox').first().fill('如城农业农村')
  await page.getByRole('option', { name: '如城农业农村办公室' }).click()
  await sheet.getByRole('button', { name: '召集' }).click()
  await expect(page.getByText('“召集”已办好')).toBeVisible()
  const board = page.getByRole('region', { name: '会办' })
  await expect(board.getByText('牵头单位')).toBeVisible()
  await expect(board.getByRole('listitem')).toHaveCount(2)
  // with whom to call there
  await expect(board.getByRole('link', { name: '胡明亮' })).toBeVisible()
  for (const tile of await board.getByRole('listitem').all())
    await expect(tile.getByRole('button', { name: '看完整号码' }).first()).toBeVisible()
  await act(server, made.number, 'accept', {}, 'guijian')
  // told by the server, without a reload
  await expect(board.getByText('办理中')).toBeVisible()
  await audit('joint case')
})
