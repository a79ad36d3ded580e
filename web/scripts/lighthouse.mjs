// Measures the residents' portal as a cheap phone on a slow network sees it (Lighthouse: mobile, simulated slow 4G,
// processor 4x slower): home, a report's first page, the progress of a case. Starts a demonstration of its own; with
// LINLI_PROGRAM another build than ../bin/linli. Fails under the bars.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import lighthouse from 'lighthouse'

const bars = { performance: 95, accessibility: 100, 'best-practices': 100 }
const browser = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const folder = mkdtempSync(join(tmpdir(), 'linli-lighthouse-'))
const program = spawn(
  process.env.LINLI_PROGRAM ?? new URL('../../bin/linli', import.meta.url).pathname,
  ['demo', '--data', folder, '--listen', '127.0.0.1:0'],
  { stdio: ['ignore', 'pipe', 'pipe'] },
)
const ended = new Promise((done) => program.once('exit', done))

function answers() {
  let said = ''
  return new Promise((ready, failed) => {
    const hear = (text) => {
      said += text
      const at = /answers at (http:\/\/[\d.:]+)/.exec(said)
      if (at) ready(at[1])
    }
    program.stdout.on('data', hear)
    program.stderr.on('data', hear)
    program.once('exit', (code) => failed(new Error(`the program ended with ${code}: ${said}`)))
  })
}

async function report(url) {
  const response = await fetch(`${url}/api/v1/cases`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ id: crypto.randomUUID(), text: '小区东门的路灯不亮了', place: { address: '迎新社区' } }),
  })
  return (await response.json()).code
}

/** A free port for the browser's own door, which Lighthouse comes in by. */
async function freePort() {
  const { createServer } = await import('node:net')
  return new Promise((done) => {
    const s = createServer().listen(0, '127.0.0.1', () => {
      const { port } = s.address()
      s.close(() => done(port))
    })
  })
}

let failed = false
let chrome
try {
  const url = await answers()
  const code = await report(url)
  const port = await freePort()
  chrome = await chromium.launch({
    executablePath: browser,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--remote-debugging-port=${port}`],
  })
  for (const [name, path] of [
    ['home', '/'],
    ['report', '/report/what?kind=problem'],
    ['progress', `/t/${code}`],
  ]) {
    const { lhr } = await lighthouse(url + path, { port, output: 'json', logLevel: 'error', onlyCategories: Object.keys(bars) })
    const scores = Object.entries(bars).map(([key, bar]) => {
      const score = Math.round((lhr.categories[key].score ?? 0) * 100)
      if (score < bar) failed = true
      return `${key} ${score}${score < bar ? ` (under ${bar})` : ''}`
    })
    const shown = (id) => lhr.audits[id].displayValue
    console.log(
      `${name}: ${scores.join(', ')}; first paint ${shown('first-contentful-paint')}, largest ${shown('largest-contentful-paint')}, blocked ${shown('total-blocking-time')}, shift ${shown('cumulative-layout-shift')}`,
    )
    for (const a of Object.values(lhr.audits))
      if (a.score !== null && a.score < 1 && ['binary', 'numeric'].includes(a.scoreDisplayMode) && process.env.VERBOSE)
        console.log(`  ${a.id}: ${a.displayValue ?? a.title}`)
  }
} finally {
  await chrome?.close()
  program.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
}
process.exit(failed ? 1 : 0)
