import { identifier } from '@/shared/api/identifier'
import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { now } from '@/shared/time'
import type { Place } from './parts/PlacePick.vue'
import type { Fields, Item } from './outbox/item'
import type { Store } from './store/shelf'

/** A report being written; it stays on the device until it is sent or begun anew. Its id is the report's. */
export type Draft = { id: string; text: string; category: string; whistle: boolean; urgent: boolean; place: Place; photos: Photo[] }

export const draftKey = 'draft:report'

/** The form of a step being filled in, photos by the key of its field; `about` says what it belongs to when the case is out of reach. */
export type StepDraft = {
  form: Fields
  photos: Record<string, Photo[]>
  about?: Pick<Item, 'title' | 'label' | 'base' | 'task' | 'fields'>
}

export const stepKey = (caseId: string, action: string) => `draft:${caseId}:${action}`

export const freshDraft = (area: string): Draft => ({
  id: identifier(now()),
  text: '',
  category: '',
  whistle: false,
  urgent: false,
  place: { area, address: '' },
  photos: [],
})

/** What a photo shows, by the field of the form that names it. */
export const photoUse = (key: string) => ({ photo_before: 'before', photo_after: 'after' })[key] ?? 'evidence'

/** Puts words into the report being written, behind what is there. */
export async function addToReport(store: Store, words: string) {
  const kept = (await store.get<Draft>(draftKey)) ?? freshDraft('')
  await store.set(draftKey, { ...kept, text: [kept.text.trim(), words].filter(Boolean).join('\n').slice(0, 5000) })
}

/** The draft as it is sent. */
export function reportForm(draft: Omit<Draft, 'id' | 'photos'>): Fields {
  const { lat, lon, area, address } = draft.place
  return {
    text: draft.text.trim(),
    ...(draft.category ? { category: draft.category } : {}),
    ...(draft.whistle ? { model: 'whistle' } : {}),
    ...(draft.urgent ? { urgency: 'urgent' } : {}),
    place: {
      ...(lat !== undefined ? { lat, lon, datum: 'wgs84' } : area ? { area } : {}),
      ...(address.trim() ? { address: address.trim() } : {}),
    },
  }
}

/** A report that was written down, to be changed once more. */
export function reopened(form: Fields): Omit<Draft, 'id' | 'photos'> {
  const text = (v: unknown) => (typeof v === 'string' ? v : '')
  const place = (form['place'] ?? {}) as Record<string, unknown>
  return {
    text: text(form['text']),
    category: text(form['category']),
    whistle: form['model'] === 'whistle',
    urgent: form['urgency'] === 'urgent',
    place: {
      ...(typeof place['lat'] === 'number' && typeof place['lon'] === 'number' ? { lat: place['lat'], lon: place['lon'] } : {}),
      area: text(place['area']),
      address: text(place['address']),
    },
  }
}
