import type { Item } from '../outbox/item'

/** What is kept on this device for one account: what was taken along, what is to be sent, and what was begun. */
export interface Store {
  /** False: only as long as this page is open. */
  readonly lasting: boolean
  items(): Promise<Item[]>
  /** Several at once: all of them or none; photos beside them. */
  put(items: Item[], photos?: Map<string, Blob>): Promise<void>
  change(id: string, change: (item: Item) => void): Promise<void>
  photo(id: string): Promise<Blob | undefined>
  /** Another picture takes the place of a photo. */
  swap(id: string, photo: Blob): Promise<void>
  drop(id: string): Promise<void>
  /** Only what was sent, or put aside by the worker, is ever removed. */
  remove(ids: string[]): Promise<void>
  get<T>(key: string): Promise<T | undefined>
  set(key: string, value: unknown): Promise<void>
  unset(key: string): Promise<void>
  /** The keys that begin so. */
  keys(prefix: string): Promise<string[]>
  /** Everything of this account leaves this device. */
  erase(): Promise<void>
  close(): void
}

/** The disk of the telephone is full: nothing was stored, and nothing that was there is lost. */
export class Full extends Error {
  constructor() {
    super('storage-full')
  }
}

export function isFull(error: unknown): boolean {
  if (error instanceof Full) return true
  for (let e = error as { name?: string; inner?: unknown; message?: string } | undefined, n = 0; e && n < 5; e = e.inner as typeof e, n++)
    if (e.name === 'QuotaExceededError' || /quota|disk is full|no space/i.test(e.message ?? '')) return true
  return false
}
