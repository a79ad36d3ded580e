import { identifier } from '@/shared/api/identifier'
import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { now } from '@/shared/time'
import type { Place } from './parts/PlacePick.vue'
import type { Store } from './store/shelf'

/** A report being written; it stays on the device until it is sent or begun anew. Its id is the report's. */
export type Draft = { id: string; text: string; category: string; whistle: boolean; urgent: boolean; place: Place; photos: Photo[] }

export const draftKey = 'draft:report'

export const freshDraft = (area: string): Draft => ({
  id: identifier(now()),
  text: '',
  category: '',
  whistle: false,
  urgent: false,
  place: { area, address: '' },
  photos: [],
})

/** Puts words into the report being written, behind what is there. */
export async function addToReport(store: Store, words: string) {
  const kept = (await store.get<Draft>(draftKey)) ?? freshDraft('')
  await store.set(draftKey, { ...kept, text: [kept.text.trim(), words].filter(Boolean).join('\n').slice(0, 5000) })
}
