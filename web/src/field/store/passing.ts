import type { Item } from '../outbox/item'
import type { Store } from './shelf'

/** Where the browser keeps nothing (private windows, some built-in browsers): as long as the page is open. */
export function openPassing(): Store {
  const items = new Map<string, Item>()
  const photos = new Map<string, Blob>()
  const kept = new Map<string, unknown>()
  const copy = (item: Item) => structuredClone(item)
  return {
    lasting: false,
    items: async () => [...items.values()].map(copy).sort((a, b) => a.seq - b.seq),
    async put(list, blobs = new Map()) {
      let last = Math.max(0, ...[...items.values()].map((i) => i.seq))
      for (const [id, blob] of blobs) photos.set(id, blob)
      for (const item of list) items.set(item.id, { ...copy(item), seq: item.seq || ++last })
    },
    async change(id, change) {
      const item = items.get(id)
      if (item) change(item)
    },
    photo: async (id) => photos.get(id),
    async swap(id, photo) {
      photos.set(id, photo)
    },
    async drop(id) {
      photos.delete(id)
    },
    async remove(ids) {
      for (const id of ids) {
        items.delete(id)
        photos.delete(id)
      }
    },
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    async set(key, value) {
      kept.set(key, value)
    },
    keys: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    async unset(key) {
      kept.delete(key)
    },
    async erase() {
      items.clear()
      photos.clear()
      kept.clear()
    },
    close() {},
  }
}
