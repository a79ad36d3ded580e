// Tells the field app's service worker which files it keeps: everything its page loads at once or later, by the names
// they have in this build, and a mark that changes with any of them.
import { createHash } from 'node:crypto'
import type { Plugin, Rollup } from 'vite'

const still = ['/field/manifest.webmanifest', '/field/icon-192.png', '/field/icon-512.png', '/seal.svg']

export function fieldWorker(): Plugin {
  return {
    name: 'linli-field-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((f): f is Rollup.OutputChunk => f.type === 'chunk')
      const worker = chunks.find((f) => f.fileName === 'field/sw.js')
      const entry = chunks.find((f) => f.isEntry && f.name === 'field')
      if (!worker || !entry) return this.error('the field app or its service worker is missing from the build')
      if (worker.imports.length) this.error(`the service worker must stand alone; it imports ${worker.imports.join(', ')}`)
      const files = new Set<string>()
      const take = (name: string) => {
        if (files.has(name)) return
        files.add(name)
        const chunk = bundle[name]
        if (chunk?.type !== 'chunk') return
        for (const next of [...chunk.imports, ...chunk.dynamicImports]) take(next)
        for (const next of [...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])]) files.add(next)
      }
      take(entry.fileName)
      const page = bundle['field/index.html']
      if (page?.type !== 'asset') return this.error('the page of the field app is missing from the build')
      const names = ['/field/', ...still, ...[...files].sort().map((f) => `/${f}`)]
      const mark = createHash('sha256').update(String(page.source)).update(names.join('\n')).digest('hex').slice(0, 12)
      worker.code = worker.code.replaceAll('__FIELD_FILES__', JSON.stringify(names)).replaceAll('__FIELD_BUILD__', JSON.stringify(mark))
    },
  }
}
