import { createServer, request as forward, type Server as Line } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, inState, photo, send, test, write } from './county'

// The app's next version comes while things wait to be sent: the worker decides when, and nothing is lost or doubled.

/** A line to the server that can bring the app's next version, and on which no report gets through for a while. */
class Release {
  private readonly line: Line
  newer = false
  held = false
  url = ''
  constructor(to: string) {
    this.line = createServer((asked, answer) => {
      if (this.held && asked.method === 'POST' && asked.url === '/api/v1/cases') return asked.socket.destroy()
      const mine = this.newer && asked.url === '/field/sw.js'
      const { 'if-none-match': _, 'if-modified-since': __, ...plain } = asked.headers
      const headers = mine ? { ...plain, 'accept-encoding': 'identity' } : asked.headers
      const out = forward(to + asked.url, { method: asked.method, headers }, (from) => {
        if (!mine) {
          answer.writeHead(from.statusCode!, from.headers)
          from.pipe(answer)
          return
        }
        let text = ''
        from.setEncoding('utf8').on('data', (part: string) => (text += part))
        from.on('end', () => {
          const { 'content-length': _, etag: __, ...told } = from.headers
          answer.writeHead(200, told)
          answer.end(text.replace(/(?<=linli-field-(\$\{")?)[0-9a-f]{12}/, '0123456789ab'))
        })
      })
      out.on('error', () => answer.destroy())
      asked.pipe(out)
    })
  }
  async open() {
    await new Promise<void>((ready) => this.line.listen(0, '127.0.0.1', ready))
    this.url = `http://127.0.0.1:${(this.line.address() as AddressInfo).port}`
    return this
  }
  close() {
    this.line.closeAllConnections()
    this.line.close()
  }
}

const released = test.extend<{ release: Release }>({
  release: async ({ server }, use) => {
    const release = await new Release(server.url).open()
    await use(release)
    release.close()
  },
  baseURL: async ({ release }, use) => use(release.url),
})
released('a new version while things wait: it asks, and nothing is lost or doubled', async ({ county, worker: page, context, release }) => {
  released.setTimeout(240_000)
  await page.reload() // from now on the app comes from its service worker
  await expect.poll(() => page.evaluate(() => !!navigator.serviceWorker.controller), { timeout: 90_000 }).toBe(true)
  const words = `换版本之前没发出去的 ${Date.now()}`
  release.held = true
  await context.setOffline(true)
  await write(page, words, [await photo(page, '换版.jpg', 300)])
  await send(page)
  await expect(inState(page, 'waiting')).toHaveCount(2)
  await page.goto('/field/')
  await write(page, '写到一半的一件')
  release.newer = true
  await context.setOffline(false)
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration('/field/'))!.update())
  const asks = page.getByRole('status').filter({ hasText: '有新版本' })
  await expect(asks).toContainText('没发出去的都留着', { timeout: 60_000 })
  await expect(page.getByLabel('什么事')).toHaveValue('写到一半的一件') // it does not come by itself
  const loaded = page.waitForEvent('load')
  await asks.getByRole('button', { name: '现在更新' }).click()
  await loaded
  await expect(page.getByLabel('什么事')).toHaveValue('写到一半的一件')
  await expect(asks).toHaveCount(0)
  expect(await page.evaluate(() => caches.keys())).toContain('linli-field-0123456789ab')
  release.held = false
  await page.goto('/field/outbox')
  await page
    .getByRole('button', { name: '现在就发' })
    .click({ timeout: 3000 })
    .catch(() => undefined) // it may have gone by itself
  await expect(inState(page, 'sent')).toHaveCount(2)
  expect(await county.count(words)).toBe(1)
  expect((await county.caseOf(words)).files).toHaveLength(1)
})
