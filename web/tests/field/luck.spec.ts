import { Server } from '../harness'
import { County, expect, inState, password, photo, send, signIn, test, write } from './county'

// Bad luck that comes from outside: limits of the server, what a browser cannot do, a case that is gone.
// What counts is read from the server in the end: nothing lost and nothing doubled.

/** A grid worker's telephone at a county of its own, with settings of its own. */
const limited = (settings: string[]) =>
  test.extend<{ home: County }>({
    home: async ({}, use) => {
      const server = await new Server(['demo', ...settings]).start()
      await use(new County(server))
      await server.remove()
    },
    baseURL: async ({ home }, use) => use(home.server.url),
    county: async ({ home }, use) => use(home),
  })

const withLittle = limited(['--attachments-daily', '1MB'])
withLittle('the data of the day is used up: words go, the photo waits until tomorrow or is left out', async ({ home, page, context }) => {
  withLittle.setTimeout(180_000)
  const task = await home.task('楼道灯不亮要拍照')
  await signIn(page)
  const large = await photo(page, '大.jpg', 1100)
  expect(large.buffer.length).toBeGreaterThan(600_000)
  const words = `流量用完时报的 ${Date.now()}`
  await write(page, words, [large, await photo(page, '又一张.jpg', 1100)])
  await send(page)
  const held = inState(page, 'waiting').filter({ hasText: '今天的附件流量' })
  await expect(held).toContainText('明天 0 点恢复')
  await expect(held).toContainText('再试')
  expect(await home.count(words)).toBe(1)
  expect((await home.caseOf(words)).files).toHaveLength(1)
  await page.goto('/field/me')
  await expect(page.getByRole('heading', { name: '今天的附件流量' })).toBeVisible()

  // a step whose form names a photo can go without it
  await page.goto(`/field/cases/${task.id}`)
  await page.getByRole('button', { name: '签收', exact: true }).click()
  await expect.poll(async () => (await home.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await page.getByLabel(/结果/).fill('换了灯泡')
  await page
    .locator('input[type=file]')
    .nth(1)
    .setInputFiles([await photo(page, '后.jpg', 1100)])
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(1)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await page.getByRole('button', { name: '不要这张照片' }).click()
  await expect.poll(async () => (await home.view(task.id)).stage).toBe('verify')
  expect((await home.view(task.id)).files).toHaveLength(0)

  // the next day, as far as the telephone knows, and the server gives more
  await home.server.stop()
  home.server.command = ['demo', '--attachments-daily', '100MB']
  await home.server.start()
  await context.addInitScript(() => {
    const Real = Date
    class Tomorrow extends Real {
      constructor(...at: [] | [number]) {
        if (at.length) super(...at)
        else super(Real.now() + 86_400_000)
      }
      static override now() {
        return Real.now() + 86_400_000
      }
    }
    globalThis.Date = Tomorrow as DateConstructor
  })
  await page.goto('/field/outbox')
  await expect(inState(page, 'waiting')).toHaveCount(0)
  await expect.poll(async () => (await home.caseOf(words)).files.length).toBe(2)
  expect(await home.count(words)).toBe(1)
})

const strict = limited(['--attachments-image', '150KB'])
strict('a photo that the server finds too large is made smaller and goes again', async ({ home, page }) => {
  await signIn(page)
  const words = `照片太大也要送到 ${Date.now()}`
  const large = await photo(page, '大.jpg', 1100)
  expect(large.buffer.length).toBeGreaterThan(400_000)
  await write(page, words, [large])
  await send(page)
  await expect(inState(page, 'sent')).toHaveCount(2, { timeout: 40_000 })
  const { files } = (await home.caseOf(words)) as unknown as { files: { size: number }[] }
  expect(files).toHaveLength(1)
  expect(files[0]!.size).toBeLessThan(150 << 10)
})

strict('what cannot be made small enough stays, with what to do; the words are there', async ({ home, page, context }) => {
  await context.addInitScript(() => {
    HTMLCanvasElement.prototype.toBlob = function (done) {
      done(null) // a telephone that cannot draw it
    }
  })
  await signIn(page)
  const words = `缩不小的照片 ${Date.now()}`
  await write(page, words, [await photo(page, '大.jpg', 1100)])
  await send(page)
  await expect(inState(page, 'refused')).toContainText(/太大|超过/)
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect((await home.caseOf(words)).files).toHaveLength(0)
  await page.getByRole('button', { name: '先搁下' }).click()
  await expect(inState(page, 'aside')).toHaveCount(1) // still there, to be exported
})

const own = limited([])
own('a step refused for want of a photo is put right in the outbox: done once, each photo once', async ({ home, page, context, audit }) => {
  own.setTimeout(180_000)
  // the county has decided that nothing is done without a photo of how it looks now
  const model = await home.server.ask<{ text: string }>('/api/v1/models/seven-step', { as: 'guanli' })
  const text = model.text
    .replace('version: "2026.1"', 'version: "2026.2"')
    .replaceAll('photo_before, photo_after]', 'photo_before, photo_after!]')
  expect(text).toContain('photo_after!')
  await home.server.ask('/api/v1/models/seven-step/activations', {
    as: 'guanli',
    method: 'POST',
    body: { base: 0, reason: '要看得见', text },
  })
  const task = await home.task('花坛围边塌了要拍照')
  await signIn(page)
  await page.goto(`/field/cases/${task.id}`)
  await page.getByRole('button', { name: '签收', exact: true }).click()
  await expect.poll(async () => (await home.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await page.getByLabel(/结果/).fill('围边已经砌好')
  await context.setOffline(true)
  const shots = page.locator('input[type=file]')
  await shots.nth(0).setInputFiles([await photo(page, '前.jpg', 300)])
  await shots.nth(1).setInputFiles([await photo(page, '后.jpg', 300)])
  await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(2)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect(page.getByText(/已记下/)).toBeVisible()
  // the second photo is refused for good, and the worker goes on without it: the server will not have that
  const last = await page.evaluate(async () => {
    const name = (await indexedDB.databases()).find((d) => d.name?.startsWith('linli-field-'))!.name!
    const db = await new Promise<IDBDatabase>(
      (done) => (indexedDB.open(name).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)),
    )
    const at = db.transaction('items').objectStore('items')
    const items = await new Promise<{ id: string; photo?: { use: string } }[]>(
      (done) => (at.getAll().onsuccess = (e) => done((e.target as IDBRequest).result)),
    )
    db.close()
    return items.find((i) => i.photo?.use === 'after')!.id
  })
  await page.route(`**/files/${last}*`, (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 422, code: 'file-broken', title: '这张照片打不开' }),
    }),
  )
  await context.setOffline(false)
  await page.goto('/field/outbox')
  const photoRefused = page.locator(`[data-item="${last}"]`)
  await expect(photoRefused).toContainText('这张照片打不开')
  await photoRefused.getByRole('button', { name: '不要这张照片' }).click()
  const step = inState(page, 'refused').filter({ hasText: '反馈' })
  await expect(step).toHaveCount(1)
  const done = async () => (await home.view(task.id)).timeline.filter((e) => e.action === 'feed_back')
  expect(await done()).toHaveLength(0)

  await step.getByRole('button', { name: '修改', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel(/结果/)).toHaveValue('围边已经砌好')
  await expect(dialog.getByText('已经送到 1 张，仍然算数。')).toBeVisible() // the one of before
  await dialog.getByRole('button', { name: '保存并发送' }).click()
  await expect(dialog).toBeVisible() // not without the photo
  const add = dialog.locator('input[type=file]').nth(1)
  await add.setInputFiles([await photo(page, '拍歪了.jpg', 300)])
  await add.setInputFiles([await photo(page, '又一张后.jpg', 300)])
  const remove = dialog.getByRole('button', { name: /移除照片/ })
  await expect(remove).toHaveCount(2)
  await remove.first().click()
  await expect(remove).toHaveCount(1)
  await audit('putting a step right with its photos')
  await dialog.getByRole('button', { name: '保存并发送' }).click()
  await expect(inState(page, 'sent').filter({ hasText: '反馈' })).toHaveCount(1)
  await expect(inState(page, 'refused')).toHaveCount(0)
  const [once, ...twice] = await done()
  expect(twice).toEqual([])
  const { files } = await home.view(task.id)
  const named = (use: string) => files.filter((f) => f.use === use).map((f) => f.id)
  expect(once!.data.form).toMatchObject({ result: '围边已经砌好', photo_before: named('before'), photo_after: named('after') })
  expect(named('before')).toHaveLength(1)
  expect(named('after')).toHaveLength(1)
  expect(named('after')).not.toContain(last)
})

test('a hand-over that went to somebody else: the words are kept in the case as a note', async ({ county, worker: page, context }) => {
  const task = await county.task('护栏松动转给别人的')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '护栏松动转给别人的' })
  await card.getByRole('button', { name: /签收/ }).click()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await context.setOffline(true)
  await card.getByRole('button', { name: /反馈/ }).click()
  await page.getByLabel(/结果/).fill('我已经把护栏焊好了')
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await county.act(task.id, 'transfer', { post: 'grid-head@320682001001001', reason: '换网格长办' }, 'wangge')
  await context.setOffline(false)
  await page.goto('/field/outbox')
  await page.getByRole('button', { name: '看看怎么办' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '把我写的记成进展' }).click()
  await expect(inState(page, 'aside')).toContainText('反馈')
  await expect.poll(async () => (await county.view(task.id)).timeline.filter((e) => e.action === 'note').length).toBe(1)
  const { timeline } = await county.view(task.id)
  expect(timeline.find((e) => e.action === 'note')!.data.form!['note']).toContain('我已经把护栏焊好了')
  expect(timeline.filter((e) => e.action === 'feed_back')).toHaveLength(0)
})

test('a case that ended meanwhile: the words begin a report of their own, behind what was begun', async ({
  county,
  worker: page,
  context,
}) => {
  const task = await county.task('井盖松动已经有人办了')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '井盖松动已经有人办了' })
  await card.getByRole('button', { name: /签收/ }).click()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await write(page, '这是写了一半的另一件')
  await page.goto('/field/')
  await context.setOffline(true)
  await card.getByRole('button', { name: /反馈/ }).click()
  const mine = `旁边还有一处井盖也松了 ${Date.now()}`
  await page.getByLabel(/结果/).fill(mine)
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await county.act(task.id, 'feed_back', { result: '已加固' }, 'wangge')
  await county.act(task.id, 'accept', {})
  await context.setOffline(false)
  await page.goto('/field/outbox')
  await page.getByRole('button', { name: '看看怎么办' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText(mine)
  const anew = dialog.getByRole('button', { name: '另报一件，带上我写的' })
  const note = dialog.getByRole('button', { name: '把我写的记成进展' })
  await expect(anew.or(note)).toBeVisible()
  await anew.click()
  await expect(page.getByLabel('什么事')).toHaveValue(`这是写了一半的另一件\n关于“井盖松动已经有人办了”：${mine}`)
  await send(page)
  await expect(inState(page, 'sent').filter({ hasText: '上报' })).toHaveCount(1)
  await expect.poll(() => county.count('这是写了一半的另一件')).toBe(1)
  expect((await county.view(task.id)).timeline.filter((e) => e.action === 'feed_back')).toHaveLength(1)
})

test.describe('speaking', () => {
  test('is offered where the device listens, and what it heard goes behind what is there', async ({ county, page, context }) => {
    await context.addInitScript(() => {
      class Ear {
        lang = ''
        onresult?: (e: unknown) => void
        onend?: () => void
        start() {
          setTimeout(() => {
            const heard = (transcript: string, isFinal: boolean) => Object.assign([{ transcript }], { isFinal })
            this.onresult?.({ resultIndex: 0, results: [heard('水管', false)] })
            this.onresult?.({ resultIndex: 0, results: [heard(`说的是${this.lang}水管爆了`, true)] })
          }, 50)
        }
        stop() {
          this.onend?.()
        }
      }
      Object.assign(globalThis, { SpeechRecognition: undefined, webkitSpeechRecognition: Ear })
    })
    await signIn(page)
    const words = `先打的字 ${Date.now()}`
    await write(page, words)
    await page.getByRole('button', { name: '说话输入' }).click()
    await expect(page.getByLabel('什么事')).toHaveValue(`${words}说的是zh-CN水管爆了`)
    await page.getByRole('button', { name: '正在听，点一下结束' }).click()
    await expect(page.getByRole('button', { name: '说话输入' })).toBeVisible()
    await send(page)
    await expect(inState(page, 'sent')).toHaveCount(1)
    expect(await county.count(`${words}说的是zh-CN水管爆了`)).toBe(1)
  })

  test('a microphone that is not allowed is said, and typing goes on', async ({ page, context }) => {
    await context.addInitScript(() => {
      class Deaf {
        onerror?: (e: { error: string }) => void
        start() {
          setTimeout(() => this.onerror?.({ error: 'not-allowed' }), 20)
        }
        stop() {}
      }
      Object.assign(globalThis, { SpeechRecognition: Deaf })
    })
    await signIn(page)
    await write(page, '打字')
    await page.getByRole('button', { name: '说话输入' }).click()
    await expect(page.getByRole('status').filter({ hasText: '没听到' })).toBeVisible()
    await expect(page.getByLabel('什么事')).toHaveValue('打字')
  })

  test('is not offered where the device does not listen', async ({ page, context }) => {
    await context.addInitScript(() => Object.assign(globalThis, { SpeechRecognition: undefined, webkitSpeechRecognition: undefined }))
    await signIn(page)
    await write(page, '打字')
    await expect(page.getByRole('button', { name: '说话输入' })).toHaveCount(0)
  })
})

test.describe('inside WeChat', () => {
  test.use({ userAgent: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0.50' })
  test('it is said what WeChat does with what is kept, and a report still goes', async ({ county, page, audit }) => {
    await page.goto('/field/')
    await expect(page.getByText('您在微信里打开')).toContainText('在浏览器打开')
    await signIn(page)
    await expect(page.getByText('您在微信里打开')).toBeVisible()
    await audit('inside WeChat')
    const words = `微信里报的 ${Date.now()}`
    await write(page, words)
    await send(page)
    await expect(inState(page, 'sent')).toHaveCount(1)
    expect(await county.count(words)).toBe(1)
  })
})

test('a browser that keeps nothing asks before what is not sent is closed with it', async ({ county, page, context }) => {
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('private', 'SecurityError')
    }
  })
  await signIn(page)
  const words = `无痕模式里还没发出去的 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words)
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(1)
  const asked = page.waitForEvent('dialog')
  await page.close({ runBeforeUnload: true })
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.dismiss() // to stay
  await expect(inState(page, 'waiting')).toHaveCount(1)
  await context.setOffline(false)
  await expect(inState(page, 'sent')).toHaveCount(1)
  expect(await county.count(words)).toBe(1)
})

test('the session ends in the middle of a form: what is typed stays, the step goes after signing in', async ({
  county,
  worker: page,
  context,
}) => {
  const task = await county.task('表单填到一半登录过期')
  await page.getByRole('button', { name: '刷新' }).click()
  const card = page.getByRole('article').filter({ hasText: '表单填到一半登录过期' })
  await card.getByRole('button', { name: /签收/ }).click()
  await expect.poll(async () => (await county.view(task.id)).tasks.at(-1)!.state).toBe('taken')
  await expect(page.getByRole('link', { name: /已同步/ })).toBeVisible()
  await card.getByRole('button', { name: /反馈/ }).click()
  await page.getByLabel(/结果/).fill('修好了，试了三次')
  await context.clearCookies()
  await page.getByRole('button', { name: '反馈', exact: true }).click()
  await expect(page.getByText('登录已过期。待发的都留着')).toBeVisible()
  expect((await county.view(task.id)).timeline.filter((e) => e.action === 'feed_back')).toHaveLength(0)
  const dialog = page.getByRole('dialog')
  if (!(await dialog.isVisible())) await page.getByRole('button', { name: '登录', exact: true }).click()
  await dialog.getByLabel('密码', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: '登录', exact: true }).click()
  await expect.poll(async () => (await county.view(task.id)).stage).toBe('verify')
  const fed = (await county.view(task.id)).timeline.filter((e) => e.action === 'feed_back')
  expect(fed.map((e) => e.data.form!['result'])).toEqual(['修好了，试了三次'])
})

test('taken to another device as an encrypted file: sent from both, received once', async ({
  county,
  worker: page,
  context,
  browser,
  baseURL,
}) => {
  const words = `换手机带过去的 ${Date.now()}`
  await context.setOffline(true)
  await write(page, words, [await photo(page, '带走.jpg', 300)])
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(2)
  await page.getByRole('link', { name: '我', exact: true }).click()
  await page.getByRole('button', { name: '退出登录' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('口令').fill('风调雨顺国泰民安')
  const saving = page.waitForEvent('download')
  await dialog.getByRole('button', { name: '加密并保存' }).click()
  const file = await (await saving).path()
  await dialog.getByRole('button', { name: '不退出' }).click()

  const another = await browser.newContext({ baseURL: baseURL!, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const other = await another.newPage()
  await signIn(other)
  await other.getByRole('link', { name: '我', exact: true }).click()
  await other.getByRole('button', { name: '取回文件' }).click()
  await other.getByLabel('以前导出的文件').setInputFiles(file)
  await other.getByLabel('口令').fill('风调雨顺国泰民安')
  await other.getByRole('button', { name: '打开' }).click()
  await expect(other.getByText('取回 2 条')).toBeVisible()
  await expect.poll(() => county.count(words)).toBe(1)
  await other.goto('/field/outbox')
  await expect(inState(other, 'sent')).toHaveCount(2)
  await another.close()

  await context.setOffline(false)
  await page
    .getByRole('link', { name: /待发箱/ })
    .first()
    .click()
  await expect(inState(page, 'sent')).toHaveCount(2)
  expect(await county.count(words)).toBe(1)
  expect((await county.caseOf(words)).files).toHaveLength(1)
})
