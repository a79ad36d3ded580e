import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, password, Server, test, type Page } from '../harness'
import { act, identifier, report, signIn } from './officer'

// What happens while the stream is cut is shown when it goes on: nobody reloads.

const live = (page: Page) => page.getByRole('status').filter({ hasText: '实时更新中' })

/** A proxy before the program, as an office has one; while it is down it answers with a page of its own. */
class Proxy {
  url = ''
  down = false
  readonly streams: string[] = []
  private readonly open = new Set<Socket>()
  private readonly front = createServer((asked, answer) => {
    if (asked.url!.startsWith('/api/v1/events')) this.streams.push(asked.url!)
    if (this.down) return void answer.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>502 Bad Gateway</h1>')
    const behind = request(this.target + asked.url!, { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers)
      got.pipe(answer)
    })
    behind.on('error', () => answer.destroy())
    answer.on('close', () => behind.destroy())
    asked.pipe(behind)
  }).on('connection', (socket) => {
    this.open.add(socket)
    socket.on('close', () => this.open.delete(socket))
  })

  constructor(private readonly target: string) {}

  async start() {
    await new Promise<void>((done) => this.front.listen(0, '127.0.0.1', done))
    this.url = `http://127.0.0.1:${(this.front.address() as AddressInfo).port}`
    return this
  }
  cut() {
    this.down = true
    for (const socket of this.open) socket.destroy()
  }
  stop() {
    for (const socket of this.open) socket.destroy()
    this.front.close()
  }
}

test('a proxy without its server: what changed meanwhile is told when it is back', async ({ page, server }) => {
  test.setTimeout(180_000)
  const made = await report(server, `栏杆松了 ${identifier().slice(-6)}`)
  const proxy = await new Proxy(server.url).start()
  try {
    await signIn(page, proxy, 'paidan')
    await page.goto(`${proxy.url}/desk/cases/${made.number}`)
    await expect(live(page)).toHaveCount(1)
    proxy.cut()
    await expect(live(page)).toHaveCount(0)
    await act(server, made.id, 'here', {})
    // the browser has asked, got a page instead of a stream, and given up
    await expect.poll(() => proxy.streams.length, { timeout: 60_000 }).toBeGreaterThan(1)
    proxy.down = false
    await expect(page.getByRole('region', { name: '谁在办' })).toContainText('网格员', { timeout: 60_000 })
    await expect(live(page)).toHaveCount(1)
    expect(proxy.streams.at(-1)).toContain('after=')
  } finally {
    proxy.stop()
  }
})

test('a session that ended: after signing in again the stream goes on', async ({ page, server }) => {
  test.setTimeout(180_000)
  const made = await report(server, `树枝压线 ${identifier().slice(-6)}`)
  await signIn(page, server, 'shuji')
  await page.goto(`/desk/cases/${made.number}`)
  await expect(live(page)).toHaveCount(1)
  const refused = page.waitForResponse((r) => r.url().includes('/api/v1/events') && r.status() === 401)
  await page.request.delete(`${server.url}/api/v1/session`, { headers: { Origin: server.url } })
  await refused
  // whatever asks next opens the dialog: this, if nothing else has by now
  const ask = page.getByRole('button', { name: '关注', exact: true })
  await ask.click({ timeout: 3_000 }).catch(() => undefined)
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('密码', { exact: true }).fill(password)
  await dialog.getByRole('button', { name: '登录', exact: true }).click()
  await expect(live(page)).toHaveCount(1, { timeout: 60_000 })
  await act(server, made.id, 'here', {})
  await expect(page.getByRole('region', { name: '谁在办' })).toContainText('网格员', { timeout: 60_000 })
})

test('the program stopped and started: the desk shows what changed without a reload', async ({ page }) => {
  test.setTimeout(240_000)
  const server = await new Server().start()
  try {
    const made = await report(server, `井盖响 ${identifier().slice(-6)}`)
    await signIn(page, server, 'paidan')
    await page.goto(`${server.url}/desk/cases/${made.number}`)
    await expect(live(page)).toHaveCount(1)
    await server.stop()
    await expect(live(page)).toHaveCount(0)
    await server.start()
    await act(server, made.id, 'here', {})
    await expect(page.getByRole('region', { name: '谁在办' })).toContainText('网格员', { timeout: 60_000 })
  } finally {
    await server.remove()
  }
})
