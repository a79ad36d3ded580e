import { Server, password, test as base, expect, type Page } from '../harness'
import { identifier } from './ids'

export { expect, password }
export type { Page }

/** The grid of the sample county that the worker wangge answers for; paidan hands out there. */
export const grid = '320682001001001'

type View = {
  id: string
  number: string
  version: number
  stage: string
  title: string
  actions: { action: string; task?: number }[]
  files: { id: string; use: string }[]
  tasks: { no: number; state: string }[]
  timeline: { seq: number; action: string; data: { form?: Record<string, unknown>; fields?: Record<string, unknown> } }[]
}

/** A county of its own for a test: what is said to it by others, and what it has in the end. */
export class County {
  constructor(readonly server: Server) {}

  view = (ref: string, as = 'paidan') => this.server.ask<View>(`/api/v1/cases/${ref}`, { as })

  async act(id: string, action: string, form: Record<string, unknown> = {}, as = 'paidan') {
    const { version } = await this.view(id, as)
    await this.server.ask(`/api/v1/cases/${id}/actions/${action}`, {
      as,
      method: 'POST',
      body: { command: identifier(), base: version, form },
    })
  }

  /** A case that the worker has to take. */
  async task(text: string, place = '迎新路12号', at?: { lat: number; lon: number }): Promise<View> {
    const id = identifier()
    const body = { id, text, channel: 'staff', place: { ...(at ?? { area: grid }), address: place } }
    await this.server.ask('/api/v1/cases', { as: 'wangge', method: 'POST', body })
    await this.act(id, 'here', { note: '请先去看看' })
    return this.view(id)
  }

  /** A case that waits to be sorted. */
  async unsorted(text: string): Promise<View> {
    const id = identifier()
    await this.server.ask('/api/v1/cases', { as: 'wangge', method: 'POST', body: { id, text, channel: 'staff', place: { area: grid } } })
    return this.view(id)
  }

  /** The case with these words, among the newest ones. */
  async caseOf(words: string): Promise<View> {
    const found = await this.server.ask<{ cases: { id: string; title: string }[] }>(
      '/api/v1/cases?scope=area&state=all&sort=newest&page_size=50',
      { as: 'paidan' },
    )
    const one = found.cases.find((c) => c.title.includes(words))
    if (!one) throw new Error(`the county has no case with ${words}`)
    return this.view(one.id)
  }

  /** How many cases the county has with these words, read through the API page by page. */
  async count(words: string): Promise<number> {
    let n = 0
    for (let after = ''; ;) {
      const query = new URLSearchParams({
        scope: 'area',
        state: 'all',
        q: words,
        page_size: '200',
        sort: 'newest',
        ...(after ? { after } : {}),
      })
      const page = await this.server.ask<{ cases: { title: string }[]; next?: string }>(`/api/v1/cases?${query}`, { as: 'paidan' })
      n += page.cases.filter((c) => c.title.includes(words)).length
      if (!page.next) return n
      after = page.next
    }
  }
}

/** The middle of the worker's grid. */
export async function centre(county: County): Promise<{ lat: number; lon: number }> {
  const { areas } = await county.server.ask<{ areas: { code: string; centre: { lat: number; lon: number } }[] }>('/api/v1/field/package', {
    as: 'wangge',
  })
  return areas.find((a) => a.code === grid)!.centre
}

export const test = base.extend<{ county: County; worker: Page }>({
  county: async ({ server }, use) => use(new County(server)),
  /** The field app with wangge signed in and what he takes along on the device. */
  worker: async ({ page, context, county }, use) => {
    await context.grantPermissions(['geolocation'])
    const { lat, lon } = await centre(county)
    await context.setGeolocation({ latitude: lat, longitude: lon, accuracy: 12 })
    await signIn(page)
    await use(page)
  },
})

export async function signIn(page: Page, login = 'wangge') {
  await page.goto('/field/')
  await page.getByLabel('账号').fill(login)
  await page
    .getByLabel('口令', { exact: true })
    .or(page.getByLabel('密码', { exact: true }))
    .fill(password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('今天')
  await page.evaluate(() =>
    Promise.race([navigator.serviceWorker?.ready, new Promise((done) => setTimeout(done, 8000))]).then(() => undefined),
  )
}

/** A photo as a phone takes it: noise, so that it weighs something. */
export async function photo(page: Page, name: string, edge = 900): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const data = await page.evaluate(async (size) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = size
    const draw = canvas.getContext('2d')!
    const pixels = draw.createImageData(size, size)
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = i % 4 === 3 ? 255 : Math.random() * 256
    draw.putImageData(pixels, 0, 0)
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1]!
  }, edge)
  return { name, mimeType: 'image/jpeg', buffer: Buffer.from(data, 'base64') }
}

/** Writes a report down, as far as the button. */
export async function write(page: Page, text: string, photos: Awaited<ReturnType<typeof photo>>[] = []) {
  await page.getByRole('link', { name: '上报', exact: true }).click()
  await page.getByLabel('什么事').fill(text)
  if (photos.length) {
    await page.locator('input[type=file]').setInputFiles(photos)
    await expect(page.getByRole('button', { name: /移除照片/ })).toHaveCount(photos.length)
  }
}

export const send = (page: Page) => page.getByRole('button', { name: '上报', exact: true }).click()

/** What the telephone keeps beside the outbox, by key; bytes and pictures without their content. */
export const kept = (page: Page): Promise<Record<string, unknown>> =>
  page.evaluate(async () => {
    const name = (await indexedDB.databases()).find((d) => d.name?.startsWith('linli-field-'))!.name!
    const db = await new Promise<IDBDatabase>(
      (done) => (indexedDB.open(name).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)),
    )
    const rows = await new Promise<{ key: string; value: unknown }[]>(
      (done) => (db.transaction('kept').objectStore('kept').getAll().onsuccess = (e) => done((e.target as IDBRequest).result)),
    )
    db.close()
    return Object.fromEntries(rows.map((r) => [r.key, JSON.parse(JSON.stringify(r.value)) as unknown]))
  })

/** How many items of the outbox are in a state, as the screen shows. */
export const inState = (page: Page, state: string) => page.locator(`[data-state="${state}"]`)

/** Changes what the newest item of the outbox has in its form, as a county that has changed meanwhile would have it wrong. */
export const rewrite = (page: Page, form: Record<string, unknown>) =>
  page.evaluate(async (part) => {
    const name = (await indexedDB.databases()).find((d) => d.name?.startsWith('linli-field-'))!.name!
    const db = await new Promise<IDBDatabase>(
      (done) => (indexedDB.open(name).onsuccess = (e) => done((e.target as IDBOpenDBRequest).result)),
    )
    const at = db.transaction('items', 'readwrite').objectStore('items')
    const items = await new Promise<{ seq: number; form: Record<string, unknown> }[]>(
      (done) => (at.getAll().onsuccess = (e) => done((e.target as IDBRequest).result)),
    )
    const newest = items.sort((a, b) => a.seq - b.seq).at(-1)!
    Object.assign(newest.form, part)
    await new Promise((done) => (at.put(newest).onsuccess = done))
    db.close()
  }, form)
