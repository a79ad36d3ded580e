import { now } from '@/shared/time'
import type { Case } from './offers'
import { byPress } from './order'
import { room } from './store/device'
import type { Store } from './store/shelf'

/**
 * The pictures of one's open tasks, as small as lists show them, so that they are there without signal. They go with their task,
 * and before anything that was written when room is needed: the server has them.
 */
type Picture = { bytes: ArrayBuffer; type: string }
const prefix = 'picture:'

/** Most that are taken along: some 30 KB each, so 12 MB at most. What presses most comes first. */
const most = 400
const largest = 200 * 1024 // bytes of one; a kind that cannot be made small comes whole
const leastRoom = 50 * 1024 ** 2

/** Takes along what is missing and drops what belongs to no open task any more. `on` tells whether it is still wanted. */
export async function takePictures(store: Store, tasks: Case[], on: () => boolean) {
  if (!store.lasting) return
  const pressing = [...tasks].sort(byPress(now()))
  const wanted = new Set(
    pressing.flatMap((c) => (c.files ?? []).filter((f) => f.type.startsWith('image/')).map((f) => f.id)).slice(0, most),
  )
  const have = new Set((await store.keys(prefix)).map((key) => key.slice(prefix.length)))
  for (const id of have) if (!wanted.has(id) && on()) await store.unset(prefix + id)
  const missing = [...wanted].filter((id) => !have.has(id))
  const sparing = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData
  if (sparing) return
  for (const id of missing) {
    if (((await room())?.left ?? Infinity) < leastRoom) return // what people write comes first
    const response = await fetch(small(id), { credentials: 'same-origin' }).catch(() => undefined)
    if (!response || response.status === 401 || response.status === 429 || response.status >= 500) return // again with the next package
    if (!response.ok || Number(response.headers.get('Content-Length') ?? 0) > largest) {
      await response.body?.cancel()
      continue
    }
    const blob = await response.blob().catch(() => undefined)
    if (!blob || !on()) return
    const picture: Picture = { bytes: await blob.arrayBuffer(), type: blob.type }
    await store.set(prefix + id, picture)
  }
}

export const small = (id: string) => `/api/v1/files/${id}?size=small`

export async function picture(store: Store, id: string): Promise<Blob | undefined> {
  const kept = await store.get<Picture>(prefix + id)
  return kept && new Blob([kept.bytes], { type: kept.type })
}

export const pictureCount = async (store: Store) => (await store.keys(prefix)).length

/** Makes room: they can be fetched again. */
export async function dropPictures(store: Store) {
  for (const key of await store.keys(prefix)) await store.unset(key)
}
