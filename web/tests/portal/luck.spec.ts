import { Server, expect, test } from '../harness'
import { goOn, say, send, words } from './resident'

// Bad luck of a resident: a browser that keeps nothing, two windows, a limit, a clock that is wrong. Checked through the API.

const found = async (server: Server, text: string) =>
  (await server.ask<{ cases: unknown[] }>(`/api/v1/cases?scope=area&state=all&q=${encodeURIComponent(text)}`, { as: 'gezhang' })).cases
    .length

test('a browser that keeps nothing says so, and still takes a report with its photos', async ({ page, context, server, audit }) => {
  await context.addInitScript(() => {
    const refuse = () => {
      throw new DOMException('private', 'SecurityError')
    }
    Object.defineProperty(globalThis, 'localStorage', { get: refuse })
    Object.defineProperty(globalThis, 'sessionStorage', { get: refuse })
    IDBFactory.prototype.open = refuse
  })
  const text = words('无痕窗口里报的树枝')
  await say(page, text)
  await expect(page.getByText('这个浏览器不保存内容')).toBeVisible()
  await audit('a browser that keeps nothing')
  await page.getByText('写地址').click()
  await page.getByRole('textbox', { name: '地址' }).fill('迎新社区第一网格')
  await goOn(page)
  const code = await send(page)
  await expect(page.getByText('请把查询码抄下来')).toBeVisible()
  await expect.poll(() => found(server, text)).toBe(1)
  await page.goto(`/t/${code}?lang=en`) // the address says the language where nothing is kept
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/)
})

const limited = test.extend<{ home: Server }>({
  home: async ({}, use) => {
    const home = await new Server(['demo', '--reports-per-address', '1']).start()
    await use(home)
    await home.remove()
  },
  baseURL: async ({ home }, use) => use(home.url),
})
limited('too many reports from one address: it is said what to do, and nothing written is lost', async ({ home, page }) => {
  limited.setTimeout(180_000)
  const [first, second] = [words('第一件'), words('马上又一件')]
  const report = async (text: string) => {
    await say(page, text)
    await page.getByText('写地址').click()
    await page.getByRole('textbox', { name: '地址' }).fill('迎新社区第一网格')
    await goOn(page)
  }
  await report(first)
  await send(page)
  await report(second)
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.getByRole('alert')).toContainText(/太频繁.*填的内容都还在，.+后可以再试/s)
  expect(await found(home, second)).toBe(0)
  await page.reload()
  await expect(page.locator('dl')).toContainText(second)
  await home.stop()
  home.command = ['demo']
  await home.start()
  await send(page)
  await expect.poll(() => found(home, second)).toBe(1)
})

test('a clock that is wrong by a day: what is left is told by the server’s clock', async ({ page, context, server }) => {
  await context.addInitScript(() => {
    const Real = Date
    class Wrong extends Real {
      constructor(...at: [] | [number]) {
        if (at.length) super(...at)
        else super(Real.now() + 86_400_000)
      }
      static override now() {
        return Real.now() + 86_400_000
      }
    }
    globalThis.Date = Wrong as DateConstructor
  })
  const { code } = await server.ask<{ code: string }>('/api/v1/cases', {
    method: 'POST',
    body: { id: crypto.randomUUID(), text: words('时钟快一天的手机看进度'), place: { area: '320682001001001' } },
  })
  const { due_at: due } = await server.ask<{ due_at: string }>(`/api/v1/track/${code}`)
  const left = (Date.parse(due) - Date.now()) / 3_600_000
  expect(left).toBeGreaterThan(0)
  await page.goto(`/t/${code}`)
  const badge = page.locator('[aria-current=step]').getByText(/^(剩|超)/)
  await expect(badge).toContainText(left < 24 ? /剩 \d+ (小时|分)/ : /剩 \d+ (天|小时)/)
})
