import { expect, test } from '../harness'
import { grid, words } from './resident'

// What the server sends, before and while the program starts.

test('every first page shows how its screen begins before any script has run', async ({ browser, server, audit, page }) => {
  const still = await browser.newContext({ javaScriptEnabled: false, baseURL: server.url })
  const first = await still.newPage()
  for (const [path, heading] of [
    ['/', '有什么事要说？'],
    ['/results', '晒单'],
    ['/t/AAAA-AAAA-AAAA', '进度'],
    ['/report/what', ''],
    ['/help', ''],
  ] as const) {
    await first.goto(path)
    await expect(first.getByRole('link', { name: '居民服务' })).toBeVisible()
    if (heading) await expect(first.getByRole('heading', { level: 1 })).toContainText(heading)
    await expect(first.getByText('正在读取…').filter({ visible: true })).toHaveCount(1)
    await expect(first.getByText('Loading…').filter({ visible: true })).toHaveCount(0)
  }
  await still.close()
  await page.goto('/')
  await expect(page.locator('.shell')).toHaveCount(0)
  await audit('the page that took the place of the first')
})

test('it appears in the language, the light and the print that were chosen', async ({ page }) => {
  await page.addInitScript(() =>
    localStorage.setItem('linli-preferences', JSON.stringify({ language: 'en', theme: 'dark', print: 'large' })),
  )
  await page.route(/\/assets\/(?!first-).*\.js$/, () => undefined) // the program never comes
  await page.goto('/', { waitUntil: 'commit' })
  await expect(page.getByRole('heading', { level: 1 }).filter({ visible: true })).toHaveText('What would you like to tell us?')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await expect(page.locator('html')).toHaveAttribute('data-print', 'large')
})

test('a link that is tapped before the program is there is where it begins', async ({ page }) => {
  let come = () => {}
  const program = new Promise<void>((done) => (come = done))
  await page.route(/\/assets\/begin-.*\.js$/, async (route) => {
    await program
    await route.continue()
  })
  await page.goto('/', { waitUntil: 'commit' })
  await expect(page.locator('.shell')).toHaveCount(1) // the other language is gone: its links are followed
  await page.getByRole('link', { name: '有纠纷' }).click()
  await expect(page).toHaveURL(/\/report\/what\?kind=dispute$/)
  come()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('是什么纠纷？')
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused()
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('有什么事要说？')
})

test('what is asked before the program is there is not asked again', async ({ page, server }) => {
  const { code } = await server.ask<{ code: string }>('/api/v1/cases', {
    method: 'POST',
    body: { id: crypto.randomUUID(), text: words(), place: { area: grid.code } },
  })
  await page.addInitScript(([code, name]) => localStorage.setItem('linli-grid', JSON.stringify({ code, name })), [
    grid.code,
    grid.name,
  ] as const)
  const asked: string[] = []
  page.on('request', (r) => r.url().includes('/api/v1/') && asked.push(r.url().replace(server.url, '')))
  for (const path of ['/', '/results', `/t/${code}`]) {
    asked.length = 0
    await page.goto(path)
    await expect(page.getByText(/^(正在读取…|Loading…)$/)).toHaveCount(0)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(
      asked.filter((url, n) => asked.indexOf(url) !== n),
      `asked twice on ${path}`,
    ).toEqual([])
    expect(asked, path).toContain('/api/v1/about')
  }
})

test('without a connection the other language is not promised', async ({ page, context }) => {
  await page.goto('/')
  await expect(page.locator('.shell')).toHaveCount(0)
  await context.setOffline(true)
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.getByRole('alert')).toContainText('没有连上服务器')
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await expect(page.getByRole('alert')).toHaveCount(0)
})
