import { ref } from 'vue'
import { identifier } from '@/shared/api/identifier'
import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { sendPhoto } from '@/shared/sendPhoto'

/** A photo that is not sent yet, under the report it belongs to. Kept by the browser, so that a reload loses none. */
type Kept = Photo & { draft: string; order: number }
/** What the browser would not keep: it lasts until the page is left. */
const passing = new Map<string, Kept>()
/** What was chosen in this window, and not in another one that had the same report open. */
const chosenHere = new Set<string>()
let opened: Promise<IDBDatabase | undefined> | undefined

function store(): Promise<IDBDatabase | undefined> {
  return (opened ??= new Promise((done) => {
    try {
      const asked = indexedDB.open('linli-portal', 1)
      asked.onupgradeneeded = () => asked.result.createObjectStore('photos', { keyPath: 'id' })
      asked.onsuccess = () => {
        asked.result.onclose = () => (opened = undefined)
        done(asked.result)
      }
      asked.onerror = asked.onblocked = () => done(undefined)
    } catch {
      done(undefined) // switched off: photos last until the page is left
    }
  }))
}

/** Resolves when it is done for good; undefined when the browser would not. */
async function use<T>(mode: IDBTransactionMode, work: (photos: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  const db = await store()
  if (!db) return undefined
  return new Promise((done) => {
    try {
      const all = db.transaction('photos', mode)
      const asked = work(all.objectStore('photos'))
      all.oncomplete = () => done(asked.result)
      all.onabort = () => done(undefined)
    } catch {
      done(undefined) // closed by the browser, or a kind of picture that it does not keep
    }
  })
}

/** The photos of a report that wait to be sent, in the order they were taken. */
export async function photosOf(draft: string): Promise<Photo[]> {
  const kept = (await use<Kept[]>('readonly', (s) => s.getAll() as IDBRequest<Kept[]>)) ?? []
  return [...kept, ...passing.values()].filter((k) => k.draft === draft).sort((a, b) => a.order - b.order)
}

/** Keeps a photo for a report, behind those that are there; false when it lasts only until the page is left. */
export async function keepPhoto(draft: string, { id, name, blob }: Photo): Promise<boolean> {
  const last = (await photosOf(draft)).at(-1) as Kept | undefined
  const k = { id, name, blob, draft, order: (last?.order ?? 0) + 1 }
  chosenHere.add(id)
  const kept = (await use('readwrite', (s) => s.put(k))) !== undefined
  if (!kept) passing.set(id, k)
  return kept
}

export async function dropPhoto(id: string) {
  passing.delete(id)
  await use('readwrite', (s) => s.delete(id))
}

export async function dropPhotosOf(draft: string) {
  for (const p of await photosOf(draft)) await dropPhoto(p.id)
}

/**
 * Gives a report of its own the photos that were chosen for it in this window. Those of the other window stay where they
 * are, for they go with what is sent there; each gets a new name, in case that window has begun to send it.
 */
export async function movePhotos(from: string, to: string) {
  for (const p of await photosOf(from)) {
    if (!chosenHere.has(p.id)) continue
    await keepPhoto(to, { ...p, id: identifier() })
    await dropPhoto(p.id)
  }
}

/** Sends what waits for a report, one after the other; what fails stays and can be sent again. */
export function usePhotoSender() {
  const waiting = ref<Photo[]>([])
  const sent = ref(0)
  const busy = ref(false)
  const error = ref<unknown>()

  async function send(code: string, draft: string) {
    if (busy.value) return
    busy.value = true
    error.value = undefined
    waiting.value = await photosOf(draft)
    for (const p of [...waiting.value]) {
      try {
        await sendPhoto(`/api/v1/track/${encodeURIComponent(code)}/files/${p.id}?name=${encodeURIComponent(p.name)}`, p.blob)
      } catch (e) {
        error.value = e
        continue
      }
      await dropPhoto(p.id)
      waiting.value = waiting.value.filter((w) => w.id !== p.id)
      sent.value++
    }
    busy.value = false
  }

  /** Gives up the photos that cannot be sent. */
  async function giveUp() {
    for (const p of waiting.value) await dropPhoto(p.id)
    waiting.value = []
    error.value = undefined
  }
  return { waiting, sent, busy, error, send, giveUp }
}
