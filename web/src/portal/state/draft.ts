import { computed } from 'vue'
import type { Schemas } from '@/shared/api/client'
import { identifier, secret } from '@/shared/api/identifier'
import { remembered } from './kept'

export const kinds = ['problem', 'help', 'dispute', 'idea'] as const
export type Kind = (typeof kinds)[number]
export const ways = ['here', 'address', 'map', 'grid', 'unknown'] as const
export type Way = (typeof ways)[number]

/** A report being written. Its id and secret are made with it: sent twice it is one report, with the same code. */
type Draft = {
  id: string
  secret: string
  kind: Kind
  text: string
  category: string
  categoryName: string
  way: Way | ''
  lat?: number
  lon?: number
  area: string
  areaName: string
  address: string
  anonymous: boolean
  attempts: string[] // what was sent without an answer
}

const fresh = (): Draft => ({
  id: identifier(),
  secret: secret(),
  kind: 'problem',
  text: '',
  category: '',
  categoryName: '',
  way: '',
  lat: undefined,
  lon: undefined,
  area: '',
  areaName: '',
  address: '',
  anonymous: false,
  attempts: [],
})

export const draft = remembered('linli-draft', fresh)
/** Name and phone do not outlive the window: a phone may be shared. */
export const contact = remembered('linli-contact', () => ({ name: '', phone: '' }), 'session')

export const begun = computed(() => draft.text.trim() !== '' || draft.attempts.length > 0)

/** The same words as a report of their own. */
export function anew() {
  draft.id = identifier()
  draft.secret = secret()
}

export function startAgain() {
  Object.assign(draft, fresh())
  contact.name = contact.phone = ''
}

/** Says where it is; what another way had found is not kept. */
export function placeAt(place: { way: Way; lat?: number; lon?: number; area?: string; areaName?: string }) {
  draft.way = place.way
  draft.lat = place.lat
  draft.lon = place.lon
  draft.area = place.area ?? ''
  draft.areaName = place.areaName ?? ''
}

/** The report as it is sent. */
export function body(): Schemas['ReportInputBody'] {
  const place: Schemas['PlaceInput'] = {}
  if (draft.lat !== undefined && draft.lon !== undefined) Object.assign(place, { lat: draft.lat, lon: draft.lon, datum: 'wgs84' })
  if (draft.area) place.area = draft.area
  if (draft.address.trim()) place.address = draft.address.trim()
  const reporter = { name: contact.name.trim(), phone: contact.phone.trim() }
  return {
    id: draft.id,
    secret: draft.secret,
    text: draft.text.trim(),
    channel: 'resident',
    place,
    ...(draft.category ? { category: draft.category } : {}),
    ...(draft.anonymous ? { anonymous: true } : reporter.name || reporter.phone ? { reporter } : {}),
  }
}
