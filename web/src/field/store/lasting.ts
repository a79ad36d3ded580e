import Dexie, { type Table } from 'dexie'
import type { Item } from '../outbox/item'
import { Full, isFull, type Store } from './shelf'

type Kept = { key: string; value: unknown }
type Photo = { id: string; bytes: ArrayBuffer; type: string }

/** The database of one account in this browser. */
class Database extends Dexie {
  items!: Table<Item, string>
  photos!: Table<Photo, string>
  kept!: Table<Kept, string>

  constructor(account: string) {
    super(`linli-field-${account}`, { chromeTransactionDurability: 'strict' })
    this.version(1).stores({ items: 'id, seq, case, state', photos: 'id', kept: 'key' })
  }
}

async function whole<T>(work: () => PromiseLike<T>): Promise<T> {
  try {
    return await work()
  } catch (e) {
    if (isFull(e)) throw new Full()
    throw e
  }
}

/** Opens what this browser keeps for an account. Throws where the browser keeps nothing. */
export async function openLasting(account: string): Promise<Store> {
  const db = new Database(account)
  await db.open()
  return {
    lasting: true,
    items: () => db.items.orderBy('seq').toArray(),
    async put(items, photos = new Map()) {
      // as bytes: some browsers forget what a blob from the camera pointed to
      const rows: Photo[] = []
      for (const [id, blob] of photos) rows.push({ id, bytes: await blob.arrayBuffer(), type: blob.type })
      await whole(() =>
        db.transaction('rw', db.items, db.photos, async () => {
          const last = (await db.items.orderBy('seq').last())?.seq ?? 0
          await db.photos.bulkPut(rows)
          await db.items.bulkPut(items.map((item, i) => ({ ...item, seq: item.seq || last + 1 + i })))
        }),
      )
    },
    async change(id, change) {
      await whole(() =>
        db.transaction('rw', db.items, async () => {
          const item = await db.items.get(id)
          if (!item) return
          change(item)
          await db.items.put(item)
        }),
      )
    },
    async photo(id) {
      const row = await db.photos.get(id)
      return row && new Blob([row.bytes], { type: row.type })
    },
    async swap(id, photo) {
      const row = { id, bytes: await photo.arrayBuffer(), type: photo.type }
      await whole(() => db.photos.put(row))
    },
    drop: (id) => db.photos.delete(id),
    remove: (ids) =>
      db.transaction('rw', db.items, db.photos, async () => {
        await db.items.bulkDelete(ids)
        await db.photos.bulkDelete(ids)
      }),
    get: async <T>(key: string) => (await db.kept.get(key))?.value as T | undefined,
    set: async (key, value) => {
      await whole(() => db.kept.put({ key, value }))
    },
    keys: (prefix) => db.kept.where('key').startsWith(prefix).primaryKeys(),
    unset: (key) => db.kept.delete(key),
    erase: () => db.delete(),
    close: () => db.close(),
  }
}
