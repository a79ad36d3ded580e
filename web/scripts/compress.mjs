// After a build: keeps each text as .br and .gz only. The program sends the bytes as they lie there, and unpacks the
// .gz for the rare client that takes neither. What is packed already (pictures) stays as it is.
import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = new URL('../dist/faces/', import.meta.url).pathname
const texts = /\.(html|js|mjs|css|svg|json|webmanifest|txt)$/

for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !texts.test(file)) continue
  const bytes = readFileSync(file)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
  unlinkSync(file)
}
