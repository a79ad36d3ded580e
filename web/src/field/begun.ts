import { identifier } from '@/shared/api/identifier'
import type { Photo } from '@/shared/parts/PhotoInput.vue'
import { now } from '@/shared/time'
import { draftKey, photoUse, reopened, reportForm, stepKey, type Draft, type StepDraft } from './draft'
import type { Item } from './outbox/item'
import type { Store } from './store/shelf'

/**
 * What was begun on this device and never finished. It is no item of the outbox, so it goes with the device's data; in a file
 * it lies as items put aside, marked as begun, which go back to where they were being written.
 */
export type BegunItem = Item & { begun: true }
export type Begun = { item: BegunItem; photos: (Photo & { use: string })[]; to: string }

const aside = (about: Pick<Item, 'id' | 'kind' | 'case' | 'title' | 'form'> & Partial<Item>): BegunItem => ({
  ...{ seq: 0, state: 'aside', tries: 0, at: Date.now(), begun: true },
  ...about,
})

function report(draft: Draft): Begun | undefined {
  if (!draft.text.trim() && !draft.photos.length) return undefined // only opened: the position came by itself
  const { id, text } = draft
  return {
    item: aside({ id, kind: 'report', case: id, title: text.trim().slice(0, 60), form: reportForm(draft) }),
    photos: draft.photos.map((p) => ({ ...p, use: 'evidence' })),
    to: '/report',
  }
}

function step(key: string, draft: StepDraft): Begun | undefined {
  const [, caseId = '', action = ''] = key.split(':')
  const photos = Object.entries(draft.photos).flatMap(([field, list]) => list.map((p) => ({ ...p, use: photoUse(field) })))
  if (!Object.keys(draft.form).length && !photos.length) return undefined
  const form = { ...draft.form }
  for (const [field, list] of Object.entries(draft.photos)) if (list.length) form[field] = list.map((p) => p.id)
  return {
    item: aside({
      id: identifier(now()),
      kind: 'action',
      case: caseId,
      title: '',
      action,
      form,
      needs: photos.map((p) => p.id),
      ...draft.about,
    }),
    photos,
    to: `/cases/${caseId}?do=${encodeURIComponent(action)}`,
  }
}

export async function begunIn(store: Store): Promise<Begun[]> {
  const list: Begun[] = []
  for (const key of await store.keys('draft:')) {
    const draft = await store.get<Draft | StepDraft>(key)
    const it = draft && (key === draftKey ? report(draft as Draft) : step(key, draft as StepDraft))
    if (it) list.push(it)
  }
  return list
}

/** As they lie in a file: each with its photos behind it. */
export function begunItems(list: Begun[]): { items: Item[]; photos: Map<string, Blob> } {
  const photoOf = ({ item }: Begun, { id, name, blob, use }: Begun['photos'][number]) =>
    aside({ id, kind: 'photo', case: item.case, title: item.title, form: {}, photo: { name, size: blob.size, use, sent: 0 } })
  const items = list.flatMap((b) => [b.item, ...b.photos.map((p) => photoOf(b, p))])
  return { items, photos: new Map(list.flatMap((b) => b.photos.map((p) => [p.id, p.blob] as const))) }
}

/**
 * Puts what was begun elsewhere back to where it was being written; gives it and the rest, which goes to the outbox. Where
 * something else is being written by now it stays as it is, and what the file has stays aside.
 */
export async function putBack(store: Store, items: Item[], blobs: Map<string, Blob>): Promise<{ back: Begun[]; rest: Item[] }> {
  const gone = new Set<string>()
  const keys = new Set<string>()
  const here = new Set((await begunIn(store)).map((b) => b.to))
  for (const item of items) {
    if (!('begun' in item) || item.kind === 'photo') continue
    const own = items.filter((i) => i.kind === 'photo' && (item.kind === 'report' ? i.case === item.case : item.needs?.includes(i.id)))
    const photos = own.flatMap((i) => (blobs.has(i.id) ? [{ id: i.id, name: i.photo?.name ?? i.id, blob: blobs.get(i.id)! }] : []))
    const key = item.kind === 'report' ? draftKey : stepKey(item.case, item.action ?? '')
    const draft = item.kind === 'report' ? { id: item.id, photos, ...reopened(item.form) } : stepDraft(item, photos)
    const as = key === draftKey ? report(draft as Draft) : step(key, draft as StepDraft)
    if (!as || here.has(as.to)) continue
    await store.set(key, draft)
    keys.add(key)
    for (const i of [item, ...own]) gone.add(i.id)
  }
  const back = (await begunIn(store)).filter((b) => keys.has(b.item.kind === 'report' ? draftKey : stepKey(b.item.case, b.item.action!)))
  return { back, rest: items.filter((i) => !gone.has(i.id)) }
}

function stepDraft(item: Item, photos: Photo[]): StepDraft {
  const by: StepDraft['photos'] = {}
  for (const [field, value] of Object.entries(item.form)) {
    const named = Array.isArray(value) ? photos.filter((p) => value.includes(p.id)) : []
    if (named.length) by[field] = named
  }
  const { title, label, base, task, fields } = item
  return { form: item.form, photos: by, about: JSON.parse(JSON.stringify({ title, label, base, task, fields })) as StepDraft['about'] }
}
