// Measures the desk's worklist with very many cases in a real browser: how long until rows are there, how long one task keeps the
// page from answering (by the clock, and in processor time, which other programs on the machine do not change), how even the frames
// are, while somebody scrolls far, filters, searches, jumps and comes back from a case. The county is built once (LIST_REPORTS=100000,
// some minutes) in LIST_DATA and kept. LINLI_URL measures one that runs; LINLI_PROGRAM another build than ../bin/linli; LIST_ROWS how
// far to scroll. Fails when a task takes more than LIST_TASK (100 ms) of the processor.
import { spawn } from 'node:child_process'
import { chromium } from '@playwright/test'
import { executablePath } from './chromium.mjs'

const program = process.env.LINLI_PROGRAM ?? new URL('../../bin/linli', import.meta.url).pathname
const data = process.env.LIST_DATA ?? new URL('../../data/list', import.meta.url).pathname
const reports = process.env.LIST_REPORTS ?? '100000'
const far = Number(process.env.LIST_ROWS ?? 20_000)
const bar = Number(process.env.LIST_TASK ?? 100)

const county = ['demo', '--scale', 'rugao', '--reports', reports, '--data', data]
// what this script is told is not meant for the program
const { LINLI_PROGRAM: _, LINLI_URL: __, ...env } = process.env
function run(args, stdio) {
  const child = spawn(program, args, { stdio, env })
  return { child, ended: new Promise((done) => child.once('exit', done)) }
}
async function serve() {
  if (process.env.LINLI_URL) return { url: process.env.LINLI_URL, stop: async () => {} }
  if (await run([...county, '--until-built'], 'inherit').ended) throw new Error('the county could not be built')
  const { child, ended } = run([...county, '--listen', '127.0.0.1:0'], ['ignore', 'pipe', 'inherit'])
  let said = ''
  const url = await new Promise((ready, failed) => {
    child.stdout.on('data', (text) => {
      const at = /│ +(http:\/\/[\d.:]+)/.exec((said += text))
      if (at) ready(at[1])
    })
    child.once('exit', (code) => failed(new Error(`the program ended with ${code}: ${said}`)))
  })
  const stop = () => (child.kill('SIGTERM'), ended)
  return { url, stop }
}

/** Runs in the page from its beginning: the time between frames. */
function watch() {
  const seen = { frames: [] }
  let before = 0
  const frame = (now) => {
    if (before) seen.frames.push(now - before)
    before = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  Object.assign(window, { seen })
}

/** The tasks of the page's main thread between two moments, in milliseconds by the clock and of the processor. */
async function tasks(page) {
  const session = await page.context().newCDPSession(page)
  const events = []
  session.on('Tracing.dataCollected', (e) => events.push(...e.value))
  const traceConfig = { includedCategories: ['toplevel', '__metadata'], excludedCategories: ['*'] }
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  return async () => {
    const complete = new Promise((done) => session.once('Tracing.tracingComplete', done))
    await session.send('Tracing.end')
    await complete
    await session.detach()
    const main = new Set(
      events.filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`),
    )
    return events
      .filter((e) => e.name === 'ThreadControllerImpl::RunTask' && Number.isFinite(e.dur) && main.has(`${e.pid} ${e.tid}`))
      .map((e) => ({ wall: e.dur / 1000, cpu: (e.tdur ?? e.dur) / 1000 }))
  }
}

const share = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))] ?? 0
const ms = (n) => `${Math.round(n)} ms`
const figures = []

async function main(url) {
  const about = await (await fetch(`${url}/api/v1/about`)).json()
  // without its last argument Chromium rounds the heap
  const chrome = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--enable-precise-memory-info'],
  })
  const page = await chrome.newPage({ baseURL: url, viewport: { width: 1280, height: 800 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  await page.request.post('/api/v1/session', { data: { login: 'zhihui', password: about.demo.password }, headers: { Origin: url } })
  await page.addInitScript(watch)
  let asked = 0
  page.on('request', (r) => r.url().includes('/api/v1/cases?') && asked++)
  const rows = page.locator('.row-line')

  /** One step: what it does, and what it cost until its rows are there and a second after. */
  async function step(name, act, settled = async () => rows.first().waitFor()) {
    await page.evaluate(() => window.seen && (window.seen.frames.length = 0)).catch(() => {})
    asked = 0
    const ended = await tasks(page)
    const begun = performance.now()
    await act()
    await settled()
    const took = performance.now() - begun
    await page.waitForTimeout(1_000)
    const ran = await ended()
    const { frames, dom, heap } = await page.evaluate(() => ({
      frames: window.seen.frames,
      dom: document.querySelectorAll('.row-line').length,
      heap: performance.memory?.usedJSHeapSize ?? 0,
    }))
    const longest = Math.max(0, ...ran.map((t) => t.cpu))
    figures.push({ name, longest })
    console.log(
      `${name}: rows after ${ms(took)}; longest task ${ms(longest)} of the processor (${ms(Math.max(0, ...ran.map((t) => t.wall)))} by the clock), ${ran.filter((t) => t.cpu > 50).length} over 50 ms; frames p50 ${ms(share(frames, 0.5))} p95 ${ms(share(frames, 0.95))} p99 ${ms(share(frames, 0.99))}; ${dom} rows in the page, ${asked} pages asked for, ${Math.round(heap / 1e6)} MB of heap`,
    )
  }
  const heard = (part) => page.waitForResponse((r) => r.url().includes('/api/v1/cases?') && r.url().includes(part))
  const narrowed = (act, part) => async () => void (await Promise.all([heard(part), act()]))

  await step('open the list of all', () => page.goto('/desk/cases?scope=area&state=all'))
  /** Scrolls as a hand does, a screen at a time, until so many rows have gone by. */
  const through = (count) => async () => {
    await page.evaluate(
      (count) =>
        new Promise((done) => {
          const box = document.querySelector('.box')
          const until = count * 56
          const on = () => {
            box.scrollTop += 400
            if (box.scrollTop + box.clientHeight + 400 >= until) done()
            else requestAnimationFrame(on)
          }
          on()
        }),
      count,
    )
  }
  await step('scroll through 2,000 rows', through(2_000))
  await step(`scroll through ${far.toLocaleString('en')} rows`, through(far))
  await step('drag to the middle of what was read', () =>
    page.evaluate((rows) => document.querySelector('.box').scrollTo({ top: rows * 28 }), far),
  )
  await step('back to the top', () => page.evaluate(() => document.querySelector('.box').scrollTo({ top: 0 })))
  await step(
    'filter: urgent',
    narrowed(() => page.getByLabel('缓急').selectOption('urgent'), 'urgency=urgent'),
  )
  await step('filter: everything again', () => page.getByLabel('缓急').selectOption(''))
  await step(
    'search two characters',
    narrowed(() => page.getByRole('searchbox', { name: '在列表里找' }).fill('路灯'), 'q='),
  )
  await step('search cleared', () => page.getByRole('searchbox', { name: '在列表里找' }).fill(''))
  await step(
    'open a case',
    () => rows.first().getByRole('link').click(),
    () => page.locator('#actions, .story, .timeline').first().waitFor(),
  )
  await step('back to the list', () => page.goBack())
  await chrome.close()
}

const { url, stop } = await serve()
try {
  await main(url)
} finally {
  await stop()
}
const over = figures.filter((f) => f.longest > bar)
for (const f of over) console.log(`over ${bar} ms: ${f.name} (${ms(f.longest)})`)
process.exit(over.length ? 1 : 0)
