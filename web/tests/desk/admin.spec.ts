import { readFile } from 'node:fs/promises'
import { expect, password, test, type Page, type Server } from '../harness'
import { activate, draft, restore } from '../ways'
import { act, report } from './officer'

// The administration: what is changed is looked up in the program afterwards, not only on the screen.

async function signIn(page: Page, server: Server, login = 'guanli') {
  const answer = await page.request.post(`${server.url}/api/v1/session`, { data: { login, password } })
  expect(answer.ok()).toBe(true)
}
test.beforeEach(({ page, server }) => signIn(page, server))

async function confirm(page: Page, reason: string, button: string | RegExp) {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('原因', { exact: true }).fill(reason)
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await dialog.getByRole('button', { name: button, exact: typeof button === 'string' }).click()
}

test('a table with wrong rows: they are named, come back as a workbook, and the good ones are taken', async ({ page, server }) => {
  await page.goto('/desk/imports')
  const rows = [
    'code,name,level,parent',
    '320682001001888,迎新社区备用网格,grid,320682001001',
    '12,短编码,grid,320682001001',
    '320682001001889,没有上级,grid,999',
  ]
  await page.locator('input[type=file]').setInputFiles({ name: 'grids.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) })
  await expect(page.getByText('1 行可以导入，2 行有问题')).toBeVisible()
  const flaws = page.getByRole('region', { name: '有问题的地方' }).getByRole('row')
  await expect(flaws.filter({ hasText: /^3/ })).not.toHaveCount(0)
  await expect(flaws.filter({ hasText: /^4/ })).not.toHaveCount(0)
  expect((await fetch(`${server.url}/api/v1/areas/320682001001888`)).status).toBe(404) // a try keeps nothing

  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: '下载有问题的行' }).click()
  expect((await coming).suggestedFilename()).toMatch(/\.xlsx$/)

  await page.getByRole('button', { name: '先导入没问题的 1 行' }).click()
  await expect(page.getByText('导入完成')).toBeVisible()
  expect((await fetch(`${server.url}/api/v1/areas/320682001001888`)).status).toBe(200)
})

test('a person is made with a post, the password shown once works, and the post is ended', async ({ page, server }) => {
  await page.goto('/desk/people/vacancies')
  await expect(page.getByRole('row', { name: '空岗 网格员 龙游河村第三网格' })).toBeVisible()
  await page.goto('/desk/people')
  await page.getByRole('button', { name: '新建账号' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('姓名').fill('何小满')
  await dialog.getByLabel('登录名').fill('hexiaoman')
  await dialog.getByLabel('电话').fill('13912345678')
  await dialog.getByLabel('岗位', { exact: true }).selectOption({ label: '网格员' })
  await dialog.getByRole('searchbox').fill('龙游河村第三网格')
  await dialog.getByRole('button', { name: '龙游河村第三网格' }).click()
  await dialog.getByRole('button', { name: '建账号并生成密码' }).click()
  const once = (await dialog.locator('code').textContent()) ?? ''
  expect(once.length).toBeGreaterThan(9)
  await dialog.getByRole('button', { name: '记下了' }).click()
  const answer = await server.ask<{ must_change: boolean; me: { posts: { post: string }[] } }>('/api/v1/session', {
    method: 'POST',
    body: { login: 'hexiaoman', password: once },
  })
  expect(answer.must_change).toBe(true)
  expect(answer.me.posts.map((p) => p.post)).toEqual(['grid-member@320682001203003'])

  await page.getByLabel('姓名或登录名').fill('何小满')
  await page.getByRole('link', { name: '何小满' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('何小满')
  await expect(page.getByText('139****5678')).toBeVisible()
  await page.getByRole('button', { name: '免去' }).click()
  await confirm(page, '借调', '免去')
  await expect(page.getByText('借调')).toBeVisible()
  const { vacancies } = await server.ask<{ vacancies: { post: string }[] }>('/api/v1/vacancies', { as: 'guanli' })
  expect(vacancies.map((v) => v.post)).toContain('grid-member@320682001203003')
})

test('a grid is split: what follows is said first, then it is so', async ({ page, server }) => {
  await page.goto('/desk/areas/320682001002001')
  await page.getByRole('button', { name: '拆分' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('名称').nth(1).fill('安定社区东景苑网格')
  await dialog.getByLabel('编码').nth(1).fill('320682001002077')
  await dialog.getByLabel('原因', { exact: true }).fill('户数超过 500')
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await expect(dialog.getByText('任职留在第一部分')).toBeVisible()
  await dialog.getByRole('button', { name: '拆成 2 个' }).click()
  await expect(dialog).toBeHidden()
  const made = await server.ask<{ name: string; level: string; outlined: boolean }>('/api/v1/areas/320682001002077')
  expect(made).toMatchObject({ name: '安定社区东景苑网格', level: 'grid', outlined: true })
  await page.getByText('变更记录').click()
  await expect(page.getByText('原因：户数超过 500').first()).toBeVisible()
  await page.goto('/desk/areas/320682001002077')
  await expect(page.getByText('空岗').first()).toBeVisible()
})

test('somebody else changed the area meanwhile: it is said, and nothing typed is lost', async ({ page, server }) => {
  const other = '/api/v1/areas/320682001003/rename'
  await page.goto('/desk/areas/320682001003')
  await page.getByRole('button', { name: '改名' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('新名称').fill('花园新村居委会')
  await server.ask(other, { as: 'guanli', method: 'POST', body: { name: '花园路居委会', reason: '更名批复' } })
  await confirm(page, '居民意见', '改名')
  await expect(dialog.getByRole('alert')).toBeVisible()
  await expect(dialog.getByLabel('新名称')).toHaveValue('花园新村居委会')
  expect((await server.ask<{ name: string }>('/api/v1/areas/320682001003')).name).toBe('花园路居委会')
})

test('a broken draft is told line by line; mended, it is sound', async ({ page }) => {
  await page.goto('/desk/models/check?from=seven-step')
  const editor = page.getByRole('textbox', { name: '模型草稿' })
  await expect(editor).toHaveValue(/flow: seven-step/)
  const good = await editor.inputValue()
  await editor.fill(good.replace(/\bto: handle\b/, 'to: nowhere'))
  await page.getByRole('button', { name: '检查', exact: true }).click()
  await expect(page.getByText(/有 \d+ 处错误/)).toBeVisible()
  const line = good.split('\n').findIndex((l) => /\bto: handle\b/.test(l)) + 1
  await page
    .getByRole('button', { name: `第 ${line} 行` })
    .first()
    .click()
  await expect(editor).toBeFocused()
  await editor.fill(good)
  await editor.press('Control+Enter')
  await expect(page.getByText('没有错误，可以用')).toBeVisible()
})

test('a token is shown once, works, and stops when it is revoked', async ({ page, server }) => {
  await page.goto('/desk/tokens')
  await page.getByRole('button', { name: '新建令牌' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('用途').fill('对接市平台')
  await dialog.getByLabel(/查看人员和岗位/).check()
  await dialog.getByRole('button', { name: '生成令牌' }).click()
  const secret = (await dialog.locator('code').textContent())!.trim()
  expect(secret).toMatch(/^linli_/)
  const asked = () => fetch(`${server.url}/api/v1/people?page_size=1`, { headers: { Authorization: `Bearer ${secret}` } })
  expect((await asked()).status).toBe(200)
  await dialog.getByRole('button', { name: '存好了' }).click()
  await expect(page.getByText(secret)).toHaveCount(0)
  await page.getByRole('button', { name: '作废 对接市平台' }).click()
  await expect(page.getByText('还没有令牌')).toBeVisible()
  expect((await asked()).status).toBe(401)
})

/** Presses a button and gets a workbook under the name of its list. */
async function workbook(page: Page, button: string, name: RegExp, what: string) {
  const coming = page.waitForEvent('download', { timeout: 90_000 })
  await page.getByRole('button', { name: button, exact: true }).click({ timeout: 60_000 })
  const file = await coming
  expect(file.suggestedFilename(), what).toMatch(name)
  expect(file.suggestedFilename(), what).toMatch(/-\d{8}-\d{4}\.xlsx$/)
  expect((await readFile(await file.path())).subarray(0, 2).toString(), what).toBe('PK') // a workbook is a zip
}

test('lists come out as workbooks', async ({ page }) => {
  test.slow()
  const lists = ['areas', 'organisations', 'people', 'people/vacancies', 'people/reviews', 'people/roles', 'access-log']
  for (const path of [...lists, 'alerts', 'notices', 'tokens', 'imports/places', 'models', 'calendars']) {
    await page.goto(`/desk/${path}`)
    await workbook(page, '导出', /./, path)
  }
})

test('what the screens show of one thing comes out as workbooks', async ({ page, server }) => {
  test.slow()
  await activate(server, 'hotline', (await draft(server, 'hotline')).text)
  await page.goto('/desk/models/hotline')
  await workbook(page, '导出启用记录', /^模型启用记录-/, 'model')
  await restore(server, 'hotline')
  for (const path of ['areas/320682001001001', 'organisations/320682-housing']) {
    await page.goto(`/desk/${path}`)
    await workbook(page, '导出岗位和人员', /^岗位和人员-/, path)
    await page.locator('summary', { hasText: '变更记录' }).click()
    await workbook(page, '导出变更记录', /^变更记录-/, path)
  }
  const { people } = await server.ask<{ people: { id: string }[] }>('/api/v1/people?q=wangge', { as: 'guanli' })
  await page.goto(`/desk/people/${people[0]!.id}`)
  await workbook(page, '导出任职记录', /^任职记录-/, 'person')
  await workbook(page, '导出登录和令牌', /^登录和令牌-/, 'person')
  const made = await report(server, '巷口的井盖松了')
  await signIn(page, server, 'paidan')
  await page.goto(`/desk/cases/${made.number}`)
  await workbook(page, '导出办理记录', /^办理记录-/, 'case')
  // who may not export is not offered it
  await act(server, made.number, 'here', {})
  await signIn(page, server, 'wangge')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(page.getByRole('heading', { name: '办理记录' })).toBeVisible()
  await expect(page.getByRole('button', { name: '导出办理记录' })).toHaveCount(0)
})

test('a deadline is explained day by day', async ({ page }) => {
  await page.goto('/desk/calendars')
  await page.getByLabel('从什么时候起').fill('2026-09-28T09:00')
  await page.getByRole('button', { name: '算一算' }).click()
  await expect(page.getByText('2026-10-10 周六 调休上班')).toBeVisible()
  await expect(page.getByText('5 个工作日：2026年10月10日 17:30')).toBeVisible()
})

test('who may not, is not led there', async ({ page, server }) => {
  await signIn(page, server, 'wangge')
  await page.goto('/desk/areas/320682001001001')
  await expect(page.getByRole('heading', { name: '迎新社区第一网格' })).toBeVisible()
  await expect(page.getByRole('button', { name: '撤销' })).toHaveCount(0)
  await expect(page.getByRole('link', { name: '人员和岗位' })).toHaveCount(0)
})

const screens = {
  areas: 'areas',
  area: 'areas/320682001001001',
  organisations: 'organisations',
  organisation: 'organisations/320682-housing',
  people: 'people',
  vacancies: 'people/vacancies',
  reviews: 'people/reviews',
  roles: 'people/roles',
  models: 'models',
  model: 'models/seven-step',
  check: 'models/check?from=hotline',
  calendars: 'calendars',
  imports: 'imports/people',
  tokens: 'tokens',
  log: 'access-log',
}
for (const look of ['dark', 'large'] as const) {
  test(`no screen has a barrier: ${look}`, { tag: look === 'dark' ? '@desktop' : '@phone' }, async ({ page, audit }) => {
    test.setTimeout(240_000)
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' })
    if (look === 'large') await page.addInitScript(() => localStorage.setItem('linli-preferences', JSON.stringify({ print: 'large' })))
    for (const [name, path] of Object.entries(screens)) {
      await page.goto(`/desk/${path}`)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByText('正在读取…')).toHaveCount(0)
      await audit(`${name} ${look}`)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(over, `${name} is wider than the screen`).toBeLessThanOrEqual(0)
    }
  })
}
