import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'

/** The program as it is shipped, with a small county of its own, on a free port. */
export class Server {
  private child?: ChildProcess
  private readonly folder = mkdtempSync(join(tmpdir(), 'linli-web-'))
  url = ''
  port = 0
  /** What the program has written to the terminal. */
  said = ''

  /** `command`: what it is started with; may be changed between two starts. */
  constructor(public command = ['demo']) {}

  async start() {
    const child = spawn(
      process.env['LINLI_PROGRAM'] ?? '../bin/linli',
      [...this.command, '--data', this.folder, '--listen', `127.0.0.1:${this.port}`],
      {
        // what the tests say about where they come from is believed, see addressOf
        env: { ...process.env, LINLI_TRUSTED_PROXIES: '127.0.0.0/8' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.child = child
    this.said = ''
    this.url = await new Promise<string>((ready, failed) => {
      const hear = (text: Buffer) => {
        this.said += text.toString()
        const at = /(?:answers at|邻里 │) +(http:\/\/[\d.:]+)/.exec(this.said)
        if (at) ready(at[1]!)
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.once('exit', (code) => failed(new Error(`the program ended with ${code}: ${this.said}`)))
    })
    this.port = Number(new URL(this.url).port)
    return this
  }

  /** What the program has said until now goes with its output; ends it as a service manager would. */
  async stop() {
    const child = this.child
    this.child = undefined
    if (!child || child.exitCode !== null) return
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    await ended
  }

  async remove() {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Asks the program as a client of its own, signed in as somebody. */
  async ask<T = Record<string, unknown>>(
    path: string,
    { as, method = 'GET', body }: { as?: string; method?: string; body?: unknown } = {},
  ): Promise<T> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' }
    if (as) headers['Authorization'] = `Bearer ${await this.secret(as)}`
    else headers['X-Forwarded-For'] = `10.250.${(++this.strangers >> 8) & 255}.${this.strangers & 255}` // somebody else each time
    const response = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (response.status === 204 ? undefined : await response.json()) as T
  }

  private strangers = 0
  private readonly secrets = new Map<string, string>()
  private async secret(login: string) {
    if (!this.secrets.has(login)) {
      const { secret } = await this.ask<{ secret: string }>('/api/v1/session', { method: 'POST', body: { login, password } })
      this.secrets.set(login, secret)
    }
    return this.secrets.get(login)!
  }
}

/** Each test is a household of its own, so that the limits for one address hold for it and not for all tests together. */
function addressOf(test: string) {
  let sum = 7
  for (const c of test) sum = (sum * 31 + c.charCodeAt(0)) % (200 * 200 * 200)
  return `10.${1 + (sum % 200)}.${1 + (Math.floor(sum / 200) % 200)}.${1 + (Math.floor(sum / 40_000) % 200)}`
}

/** The published password of a demonstration. */
export const password = 'lin-li-shi-fan-2026'

export const test = base.extend<{ audit: (what: string) => Promise<void> }, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = await new Server().start()
      await use(server)
      await server.remove()
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  extraHTTPHeaders: async ({}, use, test) => use({ 'X-Forwarded-For': addressOf(test.testId) }),
  /** No violation of accessibility rules on what is shown now. */
  audit: async ({ page }, use) => {
    await use(async (what) => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)).toEqual([])
    })
  },
})

export { expect }
export type { Page }
