import { fitsFingers } from '../touch'
import { expect, inState, send, signIn, test, write } from './county'

// Every screen for everybody: no violation of accessibility rules, light, dark and in large print; and nothing wider
// than the telephone.

const screens: [string, string][] = [
  ['/field/', '今天'],
  ['/field/tasks', '任务'],
  ['/field/report', '上报'],
  ['/field/grid', '我的网格'],
  ['/field/outbox', '待发箱'],
  ['/field/me', '陈晓燕'],
  ['/field/help', '怎么用'],
]

for (const looks of ['light', 'dark', 'large'] as const) {
  test(`every screen, ${looks}`, { tag: looks === 'dark' ? '@desktop' : '@phone' }, async ({ county, worker: page, context, audit }) => {
    test.setTimeout(180_000)
    const task = await county.task(
      '恰卜恰镇团结社区第十二网格东侧河道栏杆松动需要尽快维修',
      '恰卜恰镇团结社区第十二网格滨河路一百二十八号院东门',
    )
    await page.evaluate((to) => localStorage.setItem('linli-preferences', JSON.stringify(to)), {
      language: 'zh-CN',
      theme: looks === 'dark' ? 'dark' : 'light',
      print: looks === 'large' ? 'large' : 'normal',
    })
    await context.setOffline(true)
    await page.goto('/field/')
    await write(page, '离线写下的一条')
    await send(page)
    await expect(inState(page, 'waiting')).toHaveCount(1)
    await audit(`outbox waiting ${looks}`)
    await fitsFingers(page, 'outbox waiting')
    await context.setOffline(false)
    await expect(inState(page, 'sent')).toHaveCount(1)
    for (const [path, title] of screens) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toContainText(title)
      await page.waitForLoadState('networkidle', { timeout: 2_000 }).catch(() => undefined) // what happens is listened to
      await audit(`${path} ${looks}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(wide, path).toBeLessThanOrEqual(0)
      await fitsFingers(page, path)
    }
    await page.goto(`/field/cases/${task.id}`)
    await expect(page.getByRole('heading', { level: 1 })).toContainText('恰卜恰镇')
    await audit(`case ${looks}`)
    await fitsFingers(page, 'case')
    await page.getByRole('button', { name: '退回', exact: true }).click()
    await audit(`form ${looks}`)
    await page.goto('/field/me')
    await page.getByRole('button', { name: '退出登录' }).click()
    await audit(`leaving ${looks}`)
  })
}

test('signing in and English are complete', async ({ page, audit }) => {
  await page.goto('/field/?lang=en')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in for grid workers')
  await audit('sign in')
  await page.getByRole('button', { name: '中文' }).click()
  await signIn(page)
  await page.getByRole('link', { name: '我', exact: true }).click()
  await page.getByRole('button', { name: 'English' }).click()
  for (const name of ['Today', 'Tasks', 'Grid', 'Me']) {
    await page.getByRole('link', { name, exact: true }).click()
    const words = await page.locator('nav, h1, h2, button').allInnerTexts()
    expect(words.join(' ')).not.toMatch(/field\.|今天|任务|上报/)
  }
})

test('keyboard only: a report from the first key to received', async ({ county, worker: page }) => {
  const words = `只用键盘报的 ${Date.now()}`
  const reach = async (name: string) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate((n) => document.activeElement?.textContent?.trim() === n || document.activeElement?.id === n, name)) return
    }
    throw new Error(`${name} is not reached by keyboard`)
  }
  await reach('上报')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: '上报' })).toBeFocused()
  await reach('text')
  await page.keyboard.type(words)
  await reach('上报')
  await page.keyboard.press('Enter')
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(1)
})

test('installable: manifest with icons, and the app starts without signal', async ({ worker: page, context }) => {
  const manifest = (await (await page.request.get('/field/manifest.webmanifest')).json()) as {
    start_url: string
    icons: { src: string; sizes: string }[]
  }
  for (const icon of manifest.icons) expect((await page.request.get(icon.src)).headers()['content-type']).toBe('image/png')
  await context.setOffline(true)
  for (const path of ['/field/', '/field/report', '/field/grid', '/field/me']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
})
