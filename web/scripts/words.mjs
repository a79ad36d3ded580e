// Words for people belong into the locale files: no Chinese in components and scripts outside of them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('../src/', import.meta.url).pathname
let found = 0
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !/\.(vue|ts)$/.test(file) || /\/(locales|i18n)\//.test(file) || file.endsWith('schema.d.ts')) continue
  readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '))
    .split('\n')
    .forEach((line, i) => {
      if (/\p{Script=Han}/u.test(line)) {
        found++
        console.error(`${file.slice(root.length)}:${i + 1}: words belong into the locale files: ${line.trim()}`)
      }
    })
}
process.exit(found ? 1 : 0)
