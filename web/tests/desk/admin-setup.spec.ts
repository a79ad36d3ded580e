import { readFile } from 'node:fs/promises'
import { english } from '../english'
import { expect, Server, test, type Page } from '../harness'
import { fitsFingers } from '../touch'
import { en } from '../../src/desk/locales/en'

// The first run on an empty database, in a browser: from the code in the terminal to a county that takes reports.

let empty: Server
test.beforeEach(async () => {
  empty = await new Server(['serve']).start()
})
test.afterEach(() => empty.remove())

const secret = 'qing-zai-lin-li-kai-tong'
const code = async () => {
  await expect.poll(() => /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(empty.said)?.[0]).toBeTruthy()
  return /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(empty.said)![0]
}

async function account(page: Page) {
  await page.goto(`${empty.url}/desk/`)
  await expect(page).toHaveURL(/\/desk\/setup/)
  await page.getByLabel('开通码').fill(await code())
  await page.getByLabel('您的姓名').fill('周明远')
  await page.getByLabel('登录名').fill('zhoumingyuan')
  await page.getByLabel('密码', { exact: true }).fill(secret)
  await page.getByLabel('再输一遍密码').fill(secret)
  await page.getByRole('button', { name: '建好账号' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('县（市、区）和网格')
}

async function decide(page: Page, reason: string, button: string) {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('原因', { exact: true }).fill(reason)
  await dialog.getByRole('button', { name: '下一步：看后果' }).click()
  await dialog.getByRole('button', { name: button, exact: true }).click()
  await expect(dialog).toHaveCount(0)
}

const grids = [
  '编码,名称,层级,上级',
  '320682001001,安定社区居委会,村,320682001',
  '320682001001001,安定社区第一网格,网格,320682001001',
  '320682001001002,安定社区第二网格,网格,320682001001',
].join('\n')

const square = (code: string, lon: number) => ({
  type: 'Feature',
  properties: { code },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [lon, 32.37],
        [lon + 0.01, 32.37],
        [lon + 0.01, 32.38],
        [lon, 32.38],
        [lon, 32.37],
      ],
    ],
  },
})

async function importFile(page: Page, name: string, text: string) {
  await page
    .locator('input[type=file]')
    .last()
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) })
}

test('an empty installation is led to the end', async ({ page, audit }) => {
  test.setTimeout(180_000)
  await page.goto(`${empty.url}/desk/`)
  await audit('account')
  await account(page)

  // the county from the national list
  await page.getByLabel('省（自治区、直辖市）').selectOption({ label: '江苏省' })
  await page.getByLabel('县（市、区）', { exact: true }).selectOption({ label: '南通市 如皋市' })
  await audit('county')
  await page.getByRole('button', { name: /放进如皋市和 \d+ 个乡镇/ }).click()
  await expect(page.getByText(/新增 \d+ 个区域/)).toBeVisible()
  const areas = await empty.ask<{ areas: { code: string }[] }>('/api/v1/areas?parent=320682&page_size=100')
  expect(areas.areas.length).toBeGreaterThan(10)

  // villages and grids from a file
  await importFile(page, '网格.csv', grids)
  await page.getByRole('button', { name: '导入 3 行' }).click()
  await expect(page.getByText('导入完成')).toBeVisible()
  await page.getByRole('button', { name: '下一步' }).click()

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('网格边界')
  const outlines = { type: 'FeatureCollection', features: [square('320682001001001', 120.55), square('320682001001002', 120.56)] }
  await importFile(page, 'grids.geojson', JSON.stringify(outlines))
  await page.getByRole('button', { name: '导入 2 行' }).click()
  await expect(page.getByText('导入完成')).toBeVisible()
  await audit('boundaries')
  await page.getByRole('button', { name: '下一步' }).click()

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('人员和岗位')
  await importFile(
    page,
    '人员.csv',
    '登录名,姓名,岗位,区域\nlixiaoming,李晓明,网格员,320682001001001\nbucunzai,不存在,网格员,320682009999001\n',
  )
  await expect(page.getByText('1 行可以导入，1 行有问题')).toBeVisible()
  await audit('posts')
  await page.getByRole('button', { name: '先导入没问题的 1 行' }).click()
  await expect(page.getByText('密码只显示这一次')).toBeVisible()
  const once = await page.locator('code').first().textContent()
  await page.getByRole('button', { name: '下一步' }).click()

  await expect(page.getByRole('heading', { level: 1 })).toHaveText('治理模型')
  await audit('models')
  await page.getByRole('button', { name: '就用这些，下一步' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('核对清单')
  await expect(page.getByText('都准备好了，可以开始接事了。')).toBeVisible()
  await audit('check list')
  for (const step of ['county', 'boundaries', 'posts', 'models', 'done']) {
    await page.goto(`${empty.url}/desk/setup?step=${step}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(over, `${step} is wider than the screen`).toBeLessThanOrEqual(0)
  }
  await page.getByRole('link', { name: '进入工作台' }).click()
  await expect(page).toHaveURL(`${empty.url}/desk/`)

  // the grid member of the table signs in with the password that was shown once
  const answer = await empty.ask<{ must_change: boolean }>('/api/v1/session', {
    method: 'POST',
    body: { login: 'lixiaoming', password: once },
  })
  expect(answer.must_change).toBe(true)
})

test('the same on a phone, in English', { tag: '@phone' }, async ({ page, audit }) => {
  test.setTimeout(300_000)
  await page.addInitScript(() => localStorage.setItem('linli-preferences', JSON.stringify({ language: 'en', theme: 'dark' })))
  const isEnglish = english(page)
  const { setup, imports, passwords } = en.admin
  const h1 = page.getByRole('heading', { level: 1 })
  const main = page.getByRole('main')
  const said = (words: string, values: Record<string, string | number>) =>
    Object.entries(values).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, String(value)),
      words.split(' | ').at(values['n'] === 1 ? 0 : -1)!,
    )
  const seen = async (what: string) => {
    await isEnglish(what)
    await audit(what)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect.soft(over, `${what} is wider than the screen`).toBeLessThanOrEqual(0)
    await fitsFingers(page, what)
  }
  const next = () => main.getByRole('button', { name: setup.next, exact: true }).click()

  await page.goto(`${empty.url}/desk/`)
  await page.getByLabel(setup.code).fill(await code())
  await page.getByLabel(setup.name).fill('Zhou Mingyuan')
  await page.getByLabel(setup.login).fill('zhoumingyuan')
  await page.getByLabel(setup.password, { exact: true }).fill(secret)
  await page.getByLabel(setup.again).fill('something else')
  await page.getByRole('button', { name: setup.begin }).click()
  await expect(page.getByText(setup.differ)).toBeVisible()
  await seen('account')
  await page.getByLabel(setup.again).fill(secret)
  await page.getByRole('button', { name: setup.begin }).click()

  await page.getByLabel(setup.province).selectOption('32')
  await page.getByLabel(setup.county, { exact: true }).selectOption('320682')
  await seen('county')
  await page.getByRole('button', { name: new RegExp(said(setup.takeCounty, { name: '.*', n: '\\d+' })) }).click()
  await expect(page.getByText(new RegExp(said(setup.countyTaken, { created: '\\d+' }).trim()))).toBeVisible()
  await importFile(page, 'grids.csv', grids)
  await expect(page.getByText(said(imports.allGood, { n: 3 }))).toBeVisible()
  await seen('a table of grids')
  await page.getByRole('button', { name: said(imports.take, { n: 3 }) }).click()
  await expect(page.getByText(imports.taken, { exact: true })).toBeVisible()
  await next()

  await importFile(
    page,
    'grids.geojson',
    JSON.stringify({ type: 'FeatureCollection', features: [square('320682001001001', 120.55), square('320682001001002', 120.56)] }),
  )
  await expect(page.getByRole('button', { name: said(imports.take, { n: 2 }) })).toBeVisible()
  await seen('boundaries')
  await page.getByRole('button', { name: said(imports.take, { n: 2 }) }).click()
  await expect(page.getByText(imports.taken, { exact: true })).toBeVisible()
  await next()

  await importFile(
    page,
    'people.csv',
    'login,name,role,place\nlixiaoming,李晓明,grid-member,320682001001001\nbucunzai,不存在,grid-member,320682009999001\n',
  )
  await expect(page.getByText(said(imports.someWrong, { good: 1, refused: 1 }))).toBeVisible()
  await seen('people')
  await page.getByRole('button', { name: said(imports.takeGood, { n: 1 }) }).click()
  await expect(page.getByText(passwords.once)).toBeVisible()
  await seen('one-time passwords')
  await next()

  await expect(page.getByText(setup.modelNow.split('{')[0]!).first()).toBeVisible()
  await seen('models')
  await page.getByRole('button', { name: setup.looked }).click()
  await expect(page.getByText(setup.allDone)).toBeVisible()
  await seen('check list')
  await page.getByRole('link', { name: setup.enter }).click()
  await expect(page).toHaveURL(`${empty.url}/desk/`)
  await expect(h1).toBeVisible()
})

test('which models to use is chosen: a version of one’s own from a day on, and back', async ({ page, audit }) => {
  test.setTimeout(180_000)
  await account(page)
  for (let left = 3; left; left--) await page.getByRole('button', { name: '以后再做', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('治理模型')
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: '七步闭环' }) })
  await expect(card).toContainText('新来的事按 seven-step@2026.1 办')
  await card.getByText('哪些事走这条路').click()
  await expect(card.locator('details p')).toContainText('、')
  // the present one as a file, to begin from
  const kept = page.waitForEvent('download')
  await card.getByRole('button', { name: '把现在的存成文件' }).click()
  const text = await readFile(await (await kept).path(), 'utf8')
  const choose = (content: string, name = 'seven-step.yaml') =>
    card.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/yaml', buffer: Buffer.from(content) })
  // a slip is told by its line and nothing is put into use
  await choose(text.replace('to: handle', 'to: handel'))
  await expect(card.locator('.notice.crimson')).toBeVisible()
  await audit('a version with a slip')
  await choose(text.replace('flow: seven-step', 'flow: our-steps'))
  await expect(card.getByRole('alert')).toContainText('our-steps')
  // a sound one from a day on
  await choose(text.replace('version: "2026.1"', 'version: "2026.2"').replace('working_days: 3,', 'working_days: 2,'))
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('seven-step@2026.2')
  await dialog.getByText('定一个时间').click()
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10)
  await dialog.getByLabel('从什么时候起').last().fill(`${day}T00:00`)
  await audit('from when')
  await decide(page, '县委办通知', '启用这一版')
  await expect(card).toContainText('seven-step@2026.2，从')
  await expect(card).toContainText('新来的事按 seven-step@2026.1 办')
  const turns = async () => {
    const { models } = (await (await page.request.get(`${empty.url}/api/v1/models`)).json()) as { models: { id: string; since?: string }[] }
    return models.filter((m) => m.since).map((m) => m.id)
  }
  expect(await turns()).toEqual(['seven-step@2026.2'])
  // and back again
  await card.getByRole('button', { name: /撤回/ }).click()
  await decide(page, '推迟', '撤回')
  await expect(card).toContainText('程序内置的版本')
  expect(await turns()).toEqual([])
  // what was brought stays, to be taken up with a tap
  await expect(card.getByRole('button', { name: '改用 2026.2' })).toBeVisible()
  await page.getByRole('button', { name: '就用这些，下一步' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('核对清单')
})

test('a wrong code is told at its field, and what was typed stays', async ({ page }) => {
  await page.goto(`${empty.url}/desk/`)
  await page.getByLabel('开通码').fill('0000-0000-0000')
  await page.getByLabel('您的姓名').fill('周明远')
  await page.getByLabel('密码', { exact: true }).fill(secret)
  await page.getByLabel('再输一遍密码').fill('something else')
  await page.getByRole('button', { name: '建好账号' }).click()
  await expect(page.getByText('两次输入的密码不一样')).toBeVisible()
  await page.getByLabel('再输一遍密码').fill(secret)
  await page.getByRole('button', { name: '建好账号' }).click()
  await expect(page.getByRole('alert')).toContainText('开通码不对')
  await expect(page.getByLabel('您的姓名')).toHaveValue('周明远')
})

test('every step can be done later, and is still on the list', async ({ page }) => {
  await account(page)
  for (const title of ['网格边界', '人员和岗位']) {
    await page.getByRole('button', { name: '以后再做', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title)
  }
  await page.getByRole('button', { name: '以后再做', exact: true }).click()
  await page.getByRole('button', { name: '就用这些，下一步' }).click()
  await expect(page.getByText('可以开始了；没做完的随时回来补。')).toBeVisible()
  await expect(page.getByRole('button', { name: '去做' })).toHaveCount(3)
  await page.reload()
  await page.getByRole('button', { name: '去做' }).first().click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('县（市、区）和网格')
})
