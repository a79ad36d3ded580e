import { ref } from 'vue'
import { Refusal, refusal } from '@/shared/api/client'
import { language } from '@/shared/i18n'
import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { smaller, smallerEdges } from '@/shared/photo'

/** A photo that is not sent yet, under the report it belongs to. Kept by the browser, so that a reload loses none. */
type Kept = Photo & { draft: string; order: number }
const memory = new Map<string, Kept>()
let opened: Promise<IDBDatabase | undefined> | undefined

function store(): Promise<IDBDatabase | undefined> {
  return (opened ??= new Promise((done) => {
    try {
      const asked = indexedDB.open('linli-portal', 1)
      asked.onupgradeneeded = () => asked.result.createObjectStore('photos', { keyPath: 'id' })
      asked.onsuccess = () => done(asked.result)
      asked.onerror = asked.onblocked = () => done(undefined)
    } catch {
      done(undefined) // switched off: photos last until the page is left
    }
  }))
}

async function use<T>(mode: IDBTransactionMode, work: (photos: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  const db = await store()
  if (!db) return undefined
  return new Promise((done) => {
    const asked = work(db.transaction('photos', mode).objectStore('photos'))
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => done(undefined)
  })
}

/** The photos of a report that wait to be sent, in the order they were taken. */
export async function photosOf(draft: string): Promise<Photo[]> {
  for (const k of (await use<Kept[]>('readonly', (s) => s.getAll() as IDBRequest<Kept[]>)) ?? []) if (!memory.has(k.id)) memory.set(k.id, k)
  return [...memory.values()].filter((k) => k.draft === draft).sort((a, b) => a.order - b.order)
}

/** Keeps exactly these photos for a report. */
export async function keepPhotos(draft: string, photos: Photo[]) {
  const kept = new Set(photos.map((p) => p.id))
  for (const old of [...memory.values()]) if (old.draft === draft && !kept.has(old.id)) await dropPhoto(old.id)
  for (const [order, p] of photos.entries()) {
    const k = { id: p.id, name: p.name, blob: p.blob, draft, order }
    memory.set(p.id, k)
    await use('readwrite', (s) => s.put(k))
  }
}

export async function dropPhoto(id: string) {
  memory.delete(id)
  await use('readwrite', (s) => s.delete(id))
}

async function put(code: string, p: Photo, blob: Blob) {
  let response: Response
  try {
    response = await fetch(`/api/v1/track/${encodeURIComponent(code)}/files/${p.id}?name=${encodeURIComponent(p.name)}`, {
      method: 'PUT',
      body: blob,
      headers: { 'Content-Type': blob.type || 'application/octet-stream', 'Accept-Language': language() },
    })
  } catch (cause) {
    throw new Refusal(0, 'unreached', '', String(cause))
  }
  if (!response.ok) throw await refusal(response)
}

/** Makes it smaller each time the server finds it too large. */
async function sendOne(code: string, p: Photo) {
  try {
    return await put(code, p, p.blob)
  } catch (e) {
    if (!(e instanceof Refusal) || e.status !== 413) throw e
    for (const edge of smallerEdges) {
      const less = await smaller(p.blob, edge)
      if (!less) continue
      try {
        return await put(code, p, less)
      } catch (again) {
        if (!(again instanceof Refusal) || again.status !== 413) throw again
      }
    }
    throw e
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
        await sendOne(code, p)
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
