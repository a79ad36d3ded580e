import { computed, reactive, watch } from 'vue'
import type { Schemas } from '@/shared/api/client'
import { identifier, secret } from '@/shared/api/identifier'
import { note, recall, remembered } from './kept'
import { mine } from './mine'
import { movePhotos } from './photos'

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
  copied: string // the words it began with, when another window has the report open that they are from
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
  copied: '',
})

const key = 'linli-draft'
const hasBegun = (d: Partial<Draft>) => !!d.text?.trim() || !!d.attempts?.length

/** What this window was writing; else what the device remembers of one that was closed. */
function opened(): Draft {
  const [here, last] = [recall<Draft>(key, 'session'), recall<Draft>(key, 'local')]
  const d = { ...fresh(), ...([here, last].find((d) => d && hasBegun(d)) ?? here) }
  const sent = mine.list.find((m) => m.draft === d.id)
  if (!sent) return d
  // another window has sent it meanwhile; words that were changed here are another report
  if (titleOf(d.text) === sent.title) return fresh()
  return { ...d, ...named(), attempts: [] }
}
const named = () => ({ id: identifier(), secret: secret() })
/** What a report is called in the list of this device. */
export const titleOf = (text: string) => text.trim().split('\n')[0]!.slice(0, 40)

export const draft = reactive(opened())

/** The window remembers its own draft, the device the one that a window was last writing. */
function save(before = draft.id) {
  note(key, draft, 'session')
  const last = recall<Draft>(key, 'local')?.id
  // neither a mere copy nor an empty draft pushes aside what another window would come back to
  const written = hasBegun(draft) && draft.text !== draft.copied
  if (written || last === draft.id || last === before) note(key, draft, 'local')
}
let whole = true
watch(draft, () => whole && save(), { deep: true, flush: 'sync' })
function turnInto(changes: Partial<Draft>, before?: string) {
  whole = false
  Object.assign(draft, changes)
  whole = true
  save(before)
}

/** Name and phone do not outlive the window: a phone may be shared. */
export const contact = remembered('linli-contact', () => ({ name: '', phone: '' }), 'session')

export const begun = computed(() => hasBegun(draft))

/**
 * The same words as a report of their own, with the photos chosen in this window: their report is open in another window,
 * or was sent there.
 */
export async function anew(open: boolean) {
  const own = named()
  await movePhotos(draft.id, own.id)
  turnInto({ ...own, attempts: [], copied: open ? draft.text : '' })
}

export function startAgain() {
  turnInto(fresh(), draft.id)
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
