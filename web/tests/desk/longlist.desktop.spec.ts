import type { Page } from '@playwright/test'
import { expect, Server, test as base } from '../harness'
import { grid, identifier, signIn } from './officer'

// A list that is longer than anybody reads: it stays light however far one scrolls, says where it ends on paper, and is entered
// anywhere. That it is quick as well is measured by scripts/longlist.mjs; here nothing depends on time.

const many = 620
const test = base.extend<object, { county: Server }>({
  county: [
    async ({}, use) => {
      const county = await new Server().start()
      const one = (n: number) =>
        county.ask('/api/v1/cases', {
          as: 'paidan',
          method: 'POST',
          body: { id: identifier(), text: `第${n}盏路灯不亮`, place: { area: grid }, urgency: n % 5 ? 'normal' : 'urgent' },
        })
      try {
        await one(0) // signs in
        for (let n = 1; n < many; n += 4) await Promise.all(Array.from({ length: 4 }, (_, i) => one(n + i)))
        await use(county)
      } finally {
        await county.remove()
      }
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  baseURL: async ({ county }, use) => use(county.url),
})
test.describe.configure({ timeout: 240_000 })

type Listed = { cases: { number: string; received_at: string; urgency: string }[]; next?: string }

/** What the list asks the server for. */
function asked(page: Page) {
  const queries: URLSearchParams[] = []
  page.on('request', (r) => {
    const at = new URL(r.url())
    if (at.pathname === '/api/v1/cases' && r.method() === 'GET') queries.push(at.searchParams)
  })
  return queries
}

/** Scrolls to the end as far as it grows and notes every case that came into sight and how many rows there were at most. */
async function scrollThrough(page: Page) {
  return page.evaluate(async () => {
    const box = document.querySelector('.box')!
    const seen = new Set<string>()
    let most = 0
    for (let still = 0; still < 40;) {
      await new Promise((frame) => requestAnimationFrame(() => setTimeout(frame, 10)))
      const rows = [...document.querySelectorAll('.row-line')]
      most = Math.max(most, rows.length)
      let waits = false
      for (const row of rows) {
        const number = /\d{6}-\d{4}-\d{6}/.exec(row.textContent ?? '')?.[0]
        if (number) seen.add(number)
        else waits = true
      }
      const before = box.scrollTop
      if (!waits) box.scrollTop += 500
      still = !waits && box.scrollTop === before ? still + 1 : 0
    }
    return { seen: [...seen], most }
  })
}

test('hundreds of rows: few in the page, each page of them read once', async ({ page, county }) => {
  await signIn(page, county, 'zhiban')
  const queries = asked(page)
  await page.goto('/desk/cases?scope=area&state=all')
  await expect(page.locator('.row-line').first()).toContainText(/\d{6}-\d{4}-\d{6}/)
  expect(queries.length).toBeLessThanOrEqual(2)
  const { seen, most } = await scrollThrough(page)
  expect(seen.length).toBeGreaterThanOrEqual(many)
  expect(most).toBeLessThanOrEqual(60)
  await expect(page.getByText(`到底了，共 ${seen.length} 件`)).toBeVisible()
  for (const q of queries) expect(Number(q.get('page_size'))).toBeLessThanOrEqual(100)
  const cursors = queries.map((q) => q.get('after') ?? '')
  expect(cursors.length).toBe(new Set(cursors).size)
  expect(cursors.length).toBeLessThanOrEqual(Math.ceil(seen.length / 100) + 1)

  // from a case back to the list: what was in sight is read again, not all that was scrolled through
  await page.locator('.row-line a').last().click()
  await expect(page).toHaveURL(/\/cases\/\d{6}-/)
  await expect(page.getByText(`共 ${seen.length} 件`)).toBeVisible()
  const before = queries.length
  await page.goBack()
  await expect(page.locator('.row-line').first()).toContainText(/\d{6}-\d{4}-\d{6}/)
  // it stands where it was left
  expect(await page.locator('.box').evaluate((box) => box.scrollTop)).toBeGreaterThan(10_000)
  await page.keyboard.press('End')
  await expect(page.locator('.row-line a:focus')).toHaveCount(1)
  expect(queries.length - before).toBeLessThanOrEqual(4)

  await page.keyboard.press('Home')
  await expect(page.locator('[data-index="0"] a')).toBeFocused()
})

test('a filter narrows what is asked for, a day and the other end are a step away', async ({ page, county, audit }) => {
  await signIn(page, county, 'zhiban')
  const queries = asked(page)
  await page.goto('/desk/cases?scope=area&state=all')
  await page.getByLabel('缓急').selectOption('urgent')
  await expect(page).toHaveURL(/urgency=urgent/)
  await expect.poll(() => queries.at(-1)?.get('urgency')).toBe('urgent')
  const { seen } = await scrollThrough(page)
  const all: string[] = []
  for (let after = ''; ;) {
    const part = await county.ask<Listed>(
      `/api/v1/cases?scope=area&state=all&urgency=urgent&page_size=200${after ? `&after=${after}` : ''}`,
      { as: 'zhiban' },
    )
    all.push(...part.cases.map((c) => c.number))
    if (!(after = part.next ?? '')) break
  }
  expect(seen.sort()).toEqual(all.sort())

  await page.getByLabel('缓急').selectOption('')
  await page.getByRole('button', { name: '从最早的看起' }).click()
  const oldest = await county.ask<Listed>('/api/v1/cases?scope=area&state=all&sort=oldest&page_size=1', { as: 'zhiban' })
  await expect(page.locator('[data-index="0"]')).toContainText(oldest.cases[0]!.number)
  const day = oldest.cases[0]!.received_at.slice(0, 10)
  await page.getByRole('button', { name: '从最新的看起' }).click()
  await page.getByLabel('跳到这一天').fill(day)
  await expect(page).toHaveURL(new RegExp(`to=${day}`))
  const at = await county.ask<Listed>(
    `/api/v1/cases?scope=area&state=all&page_size=1&to=${encodeURIComponent(new Date(Date.parse(`${day}T00:00:00+08:00`) + 86_400_000).toISOString())}`,
    { as: 'zhiban' },
  )
  await expect(page.locator('[data-index="0"]')).toContainText(at.cases[0]!.number)
  await audit('a list that was jumped in')
  await page.getByRole('button', { name: '回到最新' }).click()
  await expect(page).not.toHaveURL(/to=/)
})

test('on paper: all rows of the filter up to the bound, and said where it ends', async ({ page, county }) => {
  await page.addInitScript(() => {
    window.print = () =>
      Object.assign(window, {
        printed: { rows: document.querySelectorAll('.sheet tbody tr').length, text: document.querySelector('.sheet')?.textContent },
      })
  })
  const printed = () => page.evaluate(() => (window as unknown as { printed?: { rows: number; text: string } }).printed)
  await signIn(page, county, 'zhiban')
  await page.goto('/desk/cases?scope=area&state=all')
  await page.getByRole('button', { name: '打印' }).click()
  await expect.poll(async () => (await printed())?.rows).toBe(500)
  expect((await printed())!.text).toContain('这里只印了前 500 件')
  expect((await printed())!.text).toContain('导出表格')
  await page.emulateMedia({ media: 'print' })
  await expect(page.locator('.sheet')).toBeVisible()
  await expect(page.locator('.box')).toBeHidden()
  await page.emulateMedia({ media: 'screen' })
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')))
  await expect(page.locator('.sheet')).toHaveCount(0)

  // Ctrl+P prints the list, not the screen
  await page.goto('/desk/cases?scope=area&state=all&urgency=urgent')
  await expect(page.locator('.row-line').first()).toContainText(/\d{6}-\d{4}-\d{6}/)
  await page.keyboard.press('Control+p')
  const urgent = await county.ask<Listed>('/api/v1/cases?scope=area&state=all&urgency=urgent&page_size=200', { as: 'zhiban' })
  await expect.poll(async () => (await printed())?.rows).toBe(urgent.cases.length)
  expect((await printed())!.text).not.toContain('只印了前')
  expect((await printed())!.text).toContain('缓急 紧急')
})
