import { expect, password, test, type Page, type Server } from '../harness'
import { grid, identifier } from './officer'

// Who looked: what the access log says is what was done, to those who may know it, and to nobody else.

async function signIn(page: Page, server: Server, login: string) {
  const answer = await page.request.post(`${server.url}/api/v1/session`, { data: { login, password }, headers: { Origin: server.url } })
  expect(answer.ok()).toBe(true)
}

/** A call to the hotline with a name, which somebody looks at for a purpose. */
async function revealed(server: Server, purpose: string) {
  const made = await server.ask<{ id: string; number: string }>('/api/v1/cases', {
    as: 'huawu',
    method: 'POST',
    body: {
      id: identifier(),
      text: '楼道里的灯坏了，老人上下楼看不见',
      channel: 'hotline',
      model: 'seven-step',
      place: { area: grid },
      reporter: { name: '钱秀英', phone: '13700001234' },
    },
  })
  await server.ask(`/api/v1/cases/${made.number}/reveal`, { as: 'zhiban', method: 'POST', body: { purpose } })
  return made
}

test('who saw the name of a reporter is told to the supervisor, with what for', async ({ page, server, audit }) => {
  const purpose = `回电核实门牌 ${Date.now()}`
  const made = await revealed(server, purpose)
  await signIn(page, server, 'ducha')
  await page.goto(`/desk/cases/${made.number}`)
  await page.getByRole('link', { name: '谁看过' }).click()
  await expect(page.getByRole('heading', { level: 1, name: `${made.number} 的查看记录` })).toBeVisible()
  const line = page.getByRole('row', { name: new RegExp(purpose) })
  await expect(line).toContainText('查看报事人实名')
  await expect(line).toContainText('今天')
  // the log says who looked, never what was seen
  await expect(page.locator('main')).not.toContainText('钱秀英')
  await expect(page.locator('main')).not.toContainText('13700001234')
  await audit('who saw it')
  await page.getByRole('link', { name: '回到事项' }).click()
  await expect(page).toHaveURL(new RegExp(`/cases/${made.number}$`))
})

test('a case nobody looked at says so', async ({ page, server, audit }) => {
  const made = await server.ask<{ number: string }>('/api/v1/cases', {
    method: 'POST',
    body: { id: identifier(), text: '没有人看过的一件事', place: { area: grid }, anonymous: true },
  })
  await signIn(page, server, 'ducha')
  await page.goto(`/desk/cases/${made.number}/audit`)
  await expect(page.getByText('还没有人看过实名')).toBeVisible()
  await audit('nobody looked')
})

test('the access log: by what, by day, and to the case', async ({ page, server }) => {
  const purpose = `核对地址 ${Date.now()}`
  await revealed(server, purpose)
  await signIn(page, server, 'ducha')
  await page.goto('/desk/access-log')
  await page.getByLabel('做了什么').selectOption({ label: '查看报事人实名' })
  await expect(page).toHaveURL(/what=case\.reveal/)
  const line = page.getByRole('row', { name: new RegExp(purpose) })
  await expect(line).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: '登录失败' })).toHaveCount(0)
  await page.getByLabel('到', { exact: true }).fill('2020-01-01')
  await expect(page.getByText('没有符合条件的记录')).toBeVisible()
  await page.getByLabel('到', { exact: true }).fill('')
  await line.getByRole('link', { name: '事项' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /楼道里的灯坏了/ })).toBeVisible()
  // the address keeps the filter
  await page.goBack()
  await expect(page.getByLabel('做了什么')).toHaveValue('case.reveal')
})

test('looking at the log of others is not for everybody', async ({ page, server }) => {
  const made = await revealed(server, '回访')
  await signIn(page, server, 'huawu')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('link', { name: '谁看过' })).toHaveCount(0)
  await page.goto(`/desk/cases/${made.number}/audit`)
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByRole('table')).toHaveCount(0)
})

for (const look of ['dark', 'large'] as const)
  test(`no barrier: ${look}`, async ({ page, server, audit }) => {
    const made = await revealed(server, '核对')
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light' })
    if (look === 'large') await page.addInitScript(() => localStorage.setItem('linli-preferences', JSON.stringify({ print: 'large' })))
    await signIn(page, server, 'ducha')
    for (const path of ['access-log', `cases/${made.number}/audit`]) {
      await page.goto(`/desk/${path}`)
      await expect(page.getByRole('table')).toBeVisible()
      await audit(`${path} ${look}`)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(over, `${path} is wider than the screen`).toBeLessThanOrEqual(0)
    }
  })
