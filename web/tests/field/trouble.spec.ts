import { expect, inState, password, photo, send, signIn, test, write } from './county'
import { identifier } from './ids'

// What goes wrong on a telephone: the clock, the storage, tabs, devices, sessions. Nothing is lost and nothing doubled.

test('a clock that is wrong by a day: deadlines are right and the report is dated by the server', async ({ county, page, context }) => {
  await context.addInitScript(() => {
    const day = 86_400_000
    const Real = Date
    class Wrong extends Real {
      constructor(...at: [] | [number]) {
        if (at.length) super(...at)
        else super(Real.now() + day)
      }
      static override now() {
        return Real.now() + day
      }
    }
    globalThis.Date = Wrong as DateConstructor
  })
  const task = await county.task('时钟不准也要看得对的事')
  await signIn(page)
  const due = Date.parse((await county.server.ask<{ hop_due_at: string }>(`/api/v1/cases/${task.id}`, { as: 'paidan' })).hop_due_at)
  const left = (due - Date.now()) / 3_600_000
  const badge = page.getByRole('article').filter({ hasText: '时钟不准也要看得对的事' }).getByText(/剩|超/)
  await expect(badge).toContainText(left < 48 ? /剩 \d+ (小时|分)/ : /剩 \d+ 天/)
  await context.setOffline(true)
  const words = `时钟快了一天报的事 ${Date.now()}`
  await write(page, words)
  await send(page)
  await context.setOffline(false)
  await expect(inState(page, 'sent')).toHaveCount(1)
  const found = await county.server.ask<{ cases: { title: string; reported_at: string }[] }>(
    `/api/v1/cases?scope=area&state=all&sort=newest&page_size=5`,
    { as: 'paidan' },
  )
  const mine = found.cases.find((c) => c.title === words)!
  expect(Math.abs(Date.parse(mine.reported_at) - Date.now())).toBeLessThan(5 * 60_000)
})

test('storage full: said plainly, nothing typed is lost, and it goes without the photo', async ({
  county,
  worker: page,
  context,
  baseURL,
}) => {
  const words = `存储满了也要报的事 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words, [await photo(page, '大照片.jpg', 1100)])
  const devtools = await context.newCDPSession(page)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: baseURL!, quotaSize: 1 })
  await page.waitForTimeout(31_000) // the browser looks at the room left every thirty seconds
  await send(page)
  await expect(page.getByRole('alert').filter({ hasText: '手机存储满了' }).first()).toBeVisible()
  await expect(page.getByLabel('什么事')).toHaveValue(words)
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(1)
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: '存成文件' }).click()
  expect((await saved).suggestedFilename()).toBe('linli-report.json')
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: baseURL! })
  await page.getByRole('button', { name: '再试一次' }).click()
  await expect(inState(page, 'waiting')).toHaveCount(2)
  await context.setOffline(false)
  await expect(inState(page, 'sent')).toHaveCount(2)
  expect(await county.count(words)).toBe(1)
})

test('500 things written down without signal: the list answers, and each arrives once', async ({ county, worker: page, context }) => {
  test.setTimeout(240_000)
  const mark = `五百条 ${Date.now()}`
  await context.setOffline(true)
  await write(page, `${mark} 000`)
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(1)
  await page.evaluate(
    async ({ ids, text }) => {
      const name = (await indexedDB.databases()).find((d) => d.name?.startsWith('linli-field-'))!.name!
      const db = await new Promise<IDBDatabase>(
        (done) => (indexedDB.open(name).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)),
      )
      const at = db.transaction('items', 'readwrite').objectStore('items')
      const first = await new Promise<{ seq: number; form: object }>(
        (done) => (at.getAll().onsuccess = (e) => done((e.target as IDBRequest).result[0])),
      )
      ids.forEach((id, n) => {
        const title = `${text} ${String(n + 1).padStart(3, '0')}`
        at.put({ ...first, id, case: id, seq: first.seq + n + 1, title, form: { ...first.form, text: title } })
      })
      await new Promise((done) => (at.transaction.oncomplete = done))
      db.close()
    },
    { ids: Array.from({ length: 499 }, identifier), text: mark },
  )
  await page.reload()
  await expect(page.getByRole('heading', { name: '待发（500）' })).toBeVisible()
  await page.getByRole('link', { name: '任务' }).click()
  await context.setOffline(false)
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible({ timeout: 200_000 })
  expect(await county.count(mark)).toBe(500)
})

test('two tabs: one sends, both show it, nothing twice', async ({ county, worker: page, context }) => {
  const words = `两个页面同时开着 ${Date.now()}`
  const second = await context.newPage()
  await second.goto('/field/outbox')
  await context.setOffline(true)
  for (const [n, tab] of [page, second].entries()) {
    await tab.goto('/field/')
    await write(tab, `${words} ${n}`)
    await send(tab)
  }
  await expect(inState(page, 'waiting')).toHaveCount(2)
  const posts: string[] = []
  context.on(
    'request',
    (r) => r.method() === 'POST' && r.url().endsWith('/api/v1/cases') && posts.push((r.postDataJSON() as { id: string }).id),
  )
  await context.setOffline(false)
  for (const tab of [page, second]) await expect(inState(tab, 'sent')).toHaveCount(2)
  expect(await county.count(words)).toBe(2)
  expect(new Set(posts).size).toBe(posts.length)
})

test.describe('on the line itself', () => {
  test.use({ serviceWorkers: 'block' }) // requests of a page with one cannot be held up by the test
  test('the answer gets lost on the way: sent again, taken once', async ({ county, worker: page, context }) => {
    const words = `答复在路上丢了 ${Date.now()}`
    let lost = 0
    await context.route('**/api/v1/cases', async (route) => {
      if (route.request().method() !== 'POST' || lost++ > 0) return route.continue()
      await route.fetch() // the server has it
      await route.abort('connectionreset') // the telephone does not know
    })
    await write(page, words)
    await send(page)
    await expect(inState(page, 'sent')).toHaveCount(1)
    expect(lost).toBeGreaterThan(1)
    expect(await county.count(words)).toBe(1)
  })
})

test('two devices do the same step: one is taken, the other is asked, nothing doubled', async ({
  county,
  worker: page,
  browser,
  context,
  baseURL,
}) => {
  const task = await county.task('两部手机都在办的事')
  const otherContext = await browser.newContext({ baseURL: baseURL!, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const other = await otherContext.newPage()
  await signIn(other)
  await page.getByRole('button', { name: '刷新' }).click()
  for (const tab of [page, other]) await expect(tab.getByRole('article').filter({ hasText: '两部手机都在办的事' })).toBeVisible()
  await context.setOffline(true)
  await page.getByRole('article').filter({ hasText: '两部手机都在办的事' }).getByRole('button', { name: /签收/ }).click()
  await other.getByRole('article').filter({ hasText: '两部手机都在办的事' }).getByRole('button', { name: /签收/ }).click()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await context.setOffline(false)
  await expect(page.getByRole('link', { name: /1 条没发成/ })).toBeVisible()
  expect((await county.view(task.id)).timeline.filter((e) => e.action === 'take')).toHaveLength(1)
  await otherContext.close()
})

test('the session ends in the middle: signed in again in place, what waits goes out', async ({ county, worker: page, context }) => {
  const words = `登录过期时写的 ${Date.now()}`
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await write(page, words)
  await context.clearCookies()
  await send(page)
  await expect(page.getByText('登录已过期。待发的都留着')).toBeVisible()
  await expect(inState(page, 'waiting')).toHaveCount(1)
  expect(await county.count(words)).toBe(0) // not as a stranger's either
  await page.getByRole('button', { name: '登录', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('账号')).toHaveValue('wangge')
  await dialog.getByLabel('密码', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: '登录', exact: true }).click()
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(1)
})

test('the server is restarted: what was written meanwhile goes out afterwards', async ({ county, worker: page, server }) => {
  const words = `服务器重启时写的 ${Date.now()}`
  await server.stop()
  await write(page, words)
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(1)
  await server.start()
  await page.getByRole('button', { name: '现在就发' }).click()
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(1)
})

test('signing out with unsent work warns, goes as an encrypted file, and comes back', async ({ county, worker: page, context }) => {
  const words = `退出前没发出去的 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words, [await photo(page, '留着.jpg', 300)])
  await send(page)
  await page.getByRole('link', { name: '我', exact: true }).click()
  await page.getByRole('button', { name: '退出登录' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('还有 2 条没送达')
  await expect(dialog.getByRole('button', { name: '退出登录' })).toBeDisabled()
  await dialog.getByLabel('口令').fill('风调雨顺国泰民安')
  const saving = page.waitForEvent('download')
  await dialog.getByRole('button', { name: '加密并保存' }).click()
  const file = await (await saving).path()
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('网格员登录')
  expect(await page.evaluate(async () => (await indexedDB.databases()).filter((d) => d.name?.startsWith('linli-field-')).length)).toBe(0)
  await context.setOffline(false)
  await page.reload()
  await signIn(page)
  await page.getByRole('link', { name: '我', exact: true }).click()
  await page.getByRole('button', { name: '取回文件' }).click()
  await page.getByLabel('以前导出的文件').setInputFiles(file)
  await page.getByLabel('口令').fill('不对的口令')
  await page.getByRole('button', { name: '打开' }).click()
  await expect(page.getByText('口令不对')).toBeVisible()
  await page.getByLabel('口令').fill('风调雨顺国泰民安')
  await page.getByRole('button', { name: '打开' }).click()
  await expect(page.getByText('取回 2 条')).toBeVisible()
  await expect.poll(() => county.count(words)).toBe(1)
})

test('a browser that keeps nothing says so, and still reports', async ({ county, page, context }) => {
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('private', 'SecurityError')
    }
  })
  await signIn(page)
  await expect(page.getByRole('alert').filter({ hasText: '这个浏览器不能保存数据' })).toBeVisible()
  const words = `无痕模式里报的 ${Date.now()}`
  await write(page, words)
  await send(page)
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(1)
})
