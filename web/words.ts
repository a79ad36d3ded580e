// Prepares the words of the faces at the build: a message with a place for a value (第 {n} 步) becomes the tree that
// vue-i18n would make of it on the phone, so that its compiler need not be sent along. Plain words stay as they are.
import { baseCompile } from '@intlify/message-compiler'
import type { Plugin } from 'vite'

const localeFile = /\/src\/(?:shared\/i18n|[a-z]+\/locales)\/(?:[a-z.]+\.)?(?:en|zh-CN)\.ts$/

/** A node of the syntax tree, as far as this reads it. */
type Node = { type: string; start: number; end: number; value?: unknown; key?: Node; computed?: boolean }

const isNode = (x: unknown): x is Node => typeof x === 'object' && x !== null && 'type' in x

/** Every string that is the value of a property. */
function* messages(node: Node): Generator<Node & { value: string }> {
  if (node.type === 'Property' && isNode(node.value)) {
    const value = node.value
    if (value.type === 'Literal' && typeof value.value === 'string') yield value as Node & { value: string }
    else yield* messages(value)
    return
  }
  for (const part of Object.values(node)) for (const child of Array.isArray(part) ? part : [part]) if (isNode(child)) yield* messages(child)
}

export function compiledWords(): Plugin {
  return {
    name: 'linli-words',
    transform(code, id) {
      if (!localeFile.test(id)) return null
      let done = code
      const found = [...messages(this.parse(code) as unknown as Node)].filter((m) => /[{}@|%]/.test(m.value))
      for (const m of found.reverse()) {
        const onError = (e: Error) => this.error(`${id}: ${m.value}: ${e.message}`)
        const { ast } = baseCompile(m.value, { jit: true, minify: true, optimize: true, location: false, onError })
        done = done.slice(0, m.start) + JSON.stringify(ast) + done.slice(m.end)
      }
      return { code: done, map: null }
    },
  }
}
