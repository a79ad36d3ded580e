// How much script each face loads at its first view (the entry and what it imports at once), gzip; over the limit the
// build fails. Screens that are loaded when they are opened are told apart.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

const root = new URL('../dist/faces/', import.meta.url).pathname
const limits = { portal: ['index.html', 150], field: ['field/index.html', 300], desk: ['desk/index.html', 400] }
const read = (file) => gunzipSync(readFileSync(`${root}${file}.gz`)).toString()
const size = (file) => statSync(`${root}${file}.gz`).size / 1024

function atOnce(file, seen) {
  if (seen.has(file)) return seen
  seen.add(file)
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  for (const m of read(file).matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{}\s,]+from\s*)?["']\.\/([^"']+\.js)["']/g))
    atOnce(folder + m[1], seen)
  return seen
}

let failed = false
for (const [face, [page, limit]] of Object.entries(limits)) {
  const scripts = [...read(page).matchAll(/<script[^>]+src="\/([^"]+)"|<link rel="modulepreload"[^>]+href="\/([^"]+)"/g)].map(
    (m) => m[1] ?? m[2],
  )
  const first = new Set()
  for (const s of scripts) atOnce(s, first)
  const kb = [...first].reduce((sum, f) => sum + size(f), 0)
  const verdict = kb <= limit ? 'within' : 'OVER'
  failed ||= kb > limit
  console.log(`${face}: ${kb.toFixed(1)} KB of script (gzip) at first view, ${verdict} the limit of ${limit} KB`)
}
const all = readdirSync(`${root}assets`).filter((f) => f.endsWith('.js.gz'))
console.log(`all faces with every screen: ${all.reduce((sum, f) => sum + statSync(`${root}assets/${f}`).size / 1024, 0).toFixed(1)} KB`)
process.exit(failed ? 1 : 0)
