// After a build: the pages of the portal as the program sends them. Each screen that people come to first has a page
// that shows how it begins before any script has run, and that names what the screen needs, so that all of it is
// fetched at once. Run before compress.mjs; without it the portal works too, only later.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, loadConfigFromFile } from 'vite'

process.env.NODE_ENV = 'production' // of what the drawing is made of too
const web = new URL('..', import.meta.url).pathname
const root = join(web, 'dist/faces')

// The file is found by the address: portal/<first part>.html, with .one for what lies below it. See faces.page in the
// server. `any` is for every other address.
const pages = [
  { file: 'index.html', address: '/' },
  { file: 'portal/results.html', address: '/results', screen: 'ResultsScreen' },
  { file: 'portal/t.one.html', address: '/t/AAAA-AAAA-AAAA', screen: 'ProgressScreen' },
  { file: 'portal/report.one.html', screen: 'WhatScreen' },
  { file: 'portal/any.html' },
]

const { config } = await loadConfigFromFile({ command: 'build', mode: 'production' }, join(web, 'vite.config.ts'))
const plugins = config.plugins.flat().filter((p) => p.name !== 'linli-field-worker')
const shared = { root: web, configFile: false, logLevel: 'warn', define: config.define, resolve: config.resolve }

/** What runs before anything is drawn: a script of its own, no module. Gives its address. */
async function first() {
  const entry = join(web, 'src/portal/first.ts')
  const lib = { entry, formats: ['iife'], name: 'linli' }
  const [{ output }] = await build({
    ...shared,
    build: { lib, write: false, copyPublicDir: false, target: config.build.target, minify: true },
  })
  const name = `assets/first-${createHash('sha256').update(output[0].code).digest('base64url').slice(0, 8)}.js`
  writeFileSync(join(root, name), output[0].code)
  return `/${name}`
}

/** The drawing of the portal's screens, built to run here, from a folder of its own. */
async function drawing(folder) {
  const ssr = { ssr: join(web, 'src/portal/draw.ts'), outDir: folder, copyPublicDir: false }
  await build({ ...shared, plugins, build: { ...ssr, rollupOptions: { output: { entryFileNames: 'draw.mjs' } } } })
  // as much of a browser as the portal looks at; what it is made of asks for a document to know whether it is in one
  globalThis.navigator ??= { language: 'zh-CN' }
  globalThis.location = { origin: 'http://localhost', search: '' }
  globalThis.fetch = () => new Promise(() => {}) // nothing is asked at a build
  const { draw } = await import(pathToFileURL(join(folder, 'draw.mjs')))
  globalThis.document = { documentElement: { dataset: {} } }
  return draw
}

const manifest = JSON.parse(readFileSync(join(root, '.vite/manifest.json'), 'utf8'))

/** The scripts and styles that these modules need at once, in the order they are imported. */
function needs(modules) {
  const scripts = new Set()
  const styles = new Set()
  const take = (key) => {
    // what shares a file with others is told by its name only
    const chunk = manifest[key] ?? Object.values(manifest).find((c) => c.isDynamicEntry && key === `src/portal/${c.name}.ts`)
    if (!chunk) throw new Error(`${key} is missing from the manifest of the build`)
    if (scripts.has(chunk.file)) return
    for (const next of chunk.imports ?? []) take(next)
    scripts.add(chunk.file)
    for (const css of chunk.css ?? []) styles.add(css)
  }
  modules.forEach(take)
  return { scripts, styles }
}

const template = readFileSync(join(root, 'index.html'), 'utf8')
const before = await first()
const folder = mkdtempSync(join(web, 'node_modules/.linli-draw-')) // where what it imports is found
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const draw = await drawing(folder)
for (const { file, address, screen } of pages) {
  const source = screen && `src/portal/screens/${screen}.vue`
  const begins = needs(['index.html', 'src/portal/begin.ts', ...(source ? [source] : [])])
  // what is drawn waits for these only; the rest is there by the time the program asks for it
  const drawn = needs(['index.html', 'src/portal/begin.ts']).styles
  if (source && address) for (const own of manifest[source].css ?? []) drawn.add(own)
  const links = [
    `<script src="${before}"></script>`,
    ...[...drawn].map((href) => `<link rel="stylesheet" crossorigin href="/${href}">`),
    ...[...begins.styles].filter((href) => !drawn.has(href)).map((href) => `<link rel="preload" as="style" crossorigin href="/${href}">`),
    ...[...begins.scripts].map((href) => `<link rel="modulepreload" crossorigin fetchpriority="low" href="/${href}">`),
  ]
  const screenful = await draw(address)
  const page = template
    .replace(/\s*<link rel="(?:stylesheet|modulepreload)"[^>]*>/g, '')
    .replace('<title>', () => `${links.join('\n    ')}\n    <title>`)
    .replace('<div id="app"></div>', () => `<div id="app">${screenful}</div>`)
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), page)
}
rmSync(join(root, '.vite'), { recursive: true })
process.exit(0) // the drawn screens still wait for their answers
