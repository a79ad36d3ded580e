import { randomUUID } from 'node:crypto'
import { expect, test, type Page, type Server } from '../harness'
import { grid, picture, words } from './resident'

const village = '320682001001'

// pages are looked at in several ways, on machines that may be busy
test.slow()

/** An id as a client makes it. */
const identifier = () => {
  const at = Date.now().toString(16).padStart(12, '0')
  return `${at.slice(0, 8)}-${at.slice(8)}-7${randomUUID().slice(15)}`
}

async function post(server: Server, title: string, more: Record<string, unknown> = {}) {
  const body = { id: identifier(), area: village, title, text: '25日8时至18时停水。\n请提前储水。', ...more }
  return server.ask<{ id: string }>('/api/v1/notices', { as: 'paidan', method: 'POST', body })
}

async function report(server: Server) {
  return server.ask<{ id: string; code: string }>('/api/v1/cases', {
    method: 'POST',
    body: { id: identifier(), text: words('楼道灯不亮'), place: { area: grid.code }, anonymous: true },
  })
}

async function looks(page: Page, theme: 'light' | 'dark', print: 'normal' | 'large') {
  await page.evaluate((to) => localStorage.setItem('linli-preferences', JSON.stringify(to)), { language: 'zh-CN', theme, print })
  await page.reload()
}

test('a notice stands on the pages of the grids below until it is withdrawn, one for staff never', async ({ page, server, audit }) => {
  const title = `停水通知${Date.now() % 100_000}`
  const { id } = await post(server, title)
  await post(server, `内部${title}`, { audience: 'staff' })
  await page.goto(`/grid/${grid.code}`)
  const notice = page.getByRole('listitem').filter({ hasText: title })
  await expect(notice).toContainText('请提前储水')
  await expect(page.getByText(`内部${title}`)).toHaveCount(0)
  for (const [theme, print] of [
    ['light', 'normal'],
    ['dark', 'normal'],
    ['light', 'large'],
  ] as const) {
    await looks(page, theme, print)
    await expect(notice).toBeVisible()
    await audit(`grid page ${theme} ${print}`)
  }
  await server.ask(`/api/v1/notices/${id}/withdraw`, { as: 'paidan', method: 'POST', body: { reason: '停水取消' } })
  await page.reload()
  await expect(page.getByRole('heading', { name: '谁负责' })).toBeVisible()
  await expect(page.getByText(title)).toHaveCount(0)
})

test('the notice board has notices and the duty phone, on one sheet', async ({ page, server, audit }) => {
  const title = `上板的通知${Date.now() % 100_000}`
  await post(server, title, { pinned: true })
  await page.goto(`/board/${grid.code}`)
  await expect(page.getByRole('heading', { name: title })).toBeVisible()
  await expect(page.getByRole('region', { name: '值班电话' })).toContainText('0513-00001101')
  await audit('notice board')
  await expect(page.getByRole('img', { name: /二维码/ })).toBeVisible()
  const sheet = await page.pdf({ preferCSSPageSize: true })
  expect(sheet.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1)
})

test('the page of a grid and the progress tell whom to call, and never a private number', async ({ page, server, audit }) => {
  await page.goto(`/grid/${grid.code}`)
  const call = page.getByRole('link', { name: /打给.*0513-00001101/ })
  await expect(call).toHaveAttribute('href', 'tel:051300001101')
  await expect(page.getByText('每天 08:00–18:00')).toBeVisible()
  const { code } = await report(server)
  await page.goto(`/t/${code}`)
  await expect(page.getByRole('region', { name: '值班电话' }).getByRole('link')).toHaveAttribute('href', /^tel:0513/)
  await expect(page.locator('[aria-current=step]')).toContainText('派单员')
  expect(await page.locator('main').innerText()).not.toMatch(/1\d\*{4}|李桂兰/)
  await audit('progress with a phone')
})

test('the ribbon names the unit that has each step', async ({ page, server }) => {
  const { id, code } = await report(server)
  const act = async (action: string, form: Record<string, unknown>) => {
    const now = await server.ask<{ version: number }>(`/api/v1/cases/${id}`, { as: 'paidan' })
    await server.ask(`/api/v1/cases/${id}/actions/${action}`, {
      as: 'paidan',
      method: 'POST',
      body: { command: identifier(), base: now.version, form },
    })
  }
  await act('assign', { unit: '320682001-housing' })
  const { name } = await server.ask<{ name: string }>('/api/v1/organisations/320682001-housing')
  await page.goto(`/t/${code}`)
  await expect(page.locator('[aria-current=step]')).toContainText(name)
  await expect(page.locator('li.done').filter({ hasText: '甄别' })).toContainText('派单员')
})

test('the reporter sees the photos they sent, with no code in any address; others never do', async ({ page, server, audit }) => {
  const mine = await report(server)
  await page.goto(`/t/${mine.code}`)
  await page.getByText('补充照片').click()
  await page.locator('input[type=file]').setInputFiles({ name: '灯.png', mimeType: 'image/png', buffer: picture(60, 40) })
  await page.getByRole('button', { name: '发送照片' }).click()
  const own = page.getByRole('img', { name: /您发来的/ })
  await expect(own).toBeVisible()
  await own.scrollIntoViewIfNeeded()
  await expect.poll(() => own.evaluate((i) => (i as HTMLImageElement).naturalWidth)).toBe(60)
  const src = (await own.getAttribute('src'))!
  expect(src).toMatch(/\?pass=/)
  expect(src).not.toContain(mine.code)
  await audit('own photos')

  const bare = await fetch(server.url + src.replace(/\?.*/, ''))
  expect(bare.status).toBe(404)
  const seen = await fetch(server.url + src)
  expect([seen.status, seen.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
  await seen.arrayBuffer()

  const other = await report(server)
  await page.goto(`/t/${other.code}`)
  await expect(page.locator('[aria-current=step]')).toBeVisible()
  await expect(page.getByRole('img', { name: /您发来的/ })).toHaveCount(0)
})
