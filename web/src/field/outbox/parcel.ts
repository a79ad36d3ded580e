import type { Item } from './item'

/** What is taken out of a telephone as a file: items with their photos. */
export type Parcel = {
  linli: 'outbox'
  version: 1
  account: string
  at: string
  items: Item[]
  photos: { id: string; type: string; data: string }[]
}

export async function pack(account: string, items: Item[], photo: (id: string) => Promise<Blob | undefined>): Promise<Parcel> {
  const photos: Parcel['photos'] = []
  for (const item of items) {
    const blob = item.kind === 'photo' ? await photo(item.id) : undefined
    if (blob) photos.push({ id: item.id, type: blob.type, data: base64(new Uint8Array(await blob.arrayBuffer())) })
  }
  return { linli: 'outbox', version: 1, account, at: new Date().toISOString(), items, photos }
}

/** Reads a parcel back; undefined when it is none. */
export function unpack(text: string): { items: Item[]; photos: Map<string, Blob>; account: string } | undefined {
  let parcel: Partial<Parcel>
  try {
    parcel = JSON.parse(text) as Partial<Parcel>
  } catch {
    return undefined
  }
  if (parcel?.linli !== 'outbox' || !Array.isArray(parcel.items)) return undefined
  const items = parcel.items.filter(
    (i) => typeof i?.id === 'string' && typeof i.case === 'string' && ['report', 'action', 'photo'].includes(i.kind),
  )
  const photos = new Map((parcel.photos ?? []).map((p) => [p.id, new Blob([bytes(p.data)], { type: p.type })]))
  return { items, photos, account: parcel.account ?? '' }
}

export function base64(data: Uint8Array): string {
  let text = ''
  for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000))
  return btoa(text)
}

export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
}
