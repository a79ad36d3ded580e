import { computed, ref, shallowRef, toRaw } from 'vue'
import { api, ask, Refusal, type Schemas } from '@/shared/api/client'
import { identifier } from '@/shared/api/identifier'
import { now, serverSaid } from '@/shared/time'
import { useSession } from '@/shared/session'
import { photoUse } from './draft'
import { unsent, type Fields, type Item } from './outbox/item'
import type { Case, Model, Offer } from './offers'
import { dropPictures, takePictures } from './pictures'
import { Sender } from './sender'
import { isLeaving, knowAccount, knownAccount, leave, rememberClock, rememberedClock, type Known } from './store/device'
import { openLasting } from './store/lasting'
import { openPassing } from './store/passing'
import { isFull, type Store } from './store/shelf'
import { refreshPackage } from './taken'

/** The app's one state: whose telephone this is, what was taken along, what is still to be sent. */
export type Package = Schemas['FieldView']
export type Photo = { id: string; name: string; blob: Blob }

const account = ref<Known>()
const store = shallowRef<Store>()
const items = shallowRef<Item[]>([])
const pack = shallowRef<Package>()
const models = shallowRef<Record<string, Model>>({})
const ready = ref(false)
/** The server was reached the last time it was tried. */
const reached = ref(navigator.onLine)
/** The session has ended: what waits is sent after signing in again. */
const expired = ref(false)
const refreshing = ref(false)
const storageFull = ref(false)
const session = useSession()
let sender: Sender | undefined

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(toRaw(value))) as T

async function readItems() {
  items.value = (await store.value?.items()) ?? []
}

/** While very many are sent the list is read a few times a second, not for each. */
let soon: ReturnType<typeof setTimeout> | undefined
function readSoon() {
  soon ??= setTimeout(() => {
    soon = undefined
    void readItems()
  }, 120)
}

async function open(who: Known) {
  sender?.stop()
  store.value?.close()
  account.value = who
  let opened: Store
  try {
    opened = await openLasting(who.id)
  } catch {
    opened = openPassing() // private windows and some built-in browsers keep nothing; the screens say so
  }
  store.value = opened
  pack.value = await opened.get<Package>('package')
  models.value = (await opened.get<Record<string, Model>>('models')) ?? {}
  await readItems()
  sender = new Sender(opened, who.id, {
    changed: readSoon,
    reached: (yes) => (reached.value = yes),
    signIn: () => (expired.value = true),
    sentSome: () => void refresh(),
    full: () => (storageFull.value = true),
  })
  void sender.tidy()
}

/** Starts from what is on this device, then asks the server who is signed in. */
async function start() {
  if (rememberedClock()) serverSaid(new Date(Date.now() + rememberedClock()).toUTCString())
  const known = knownAccount()
  if (known && !isLeaving()) await open(known)
  ready.value = !!known && !isLeaving()
  await meet()
  ready.value = true
}

/** Meets the server: ends a session left without signal, finds out who is signed in, takes along what is new. */
async function meet() {
  try {
    if (isLeaving()) {
      await ask(api.DELETE('/api/v1/session')).catch((e: unknown) => {
        if (!(e instanceof Refusal) || e.status !== 401) throw e
      })
      leave(false)
    }
    const me = await session.read()
    reached.value = true
    expired.value = !me && !!account.value
    if (me) await signedIn()
  } catch (e) {
    if (!(e instanceof Refusal)) throw e
    reached.value = !e.unreached
  }
}

/** Somebody signed in: this device knows them from now on, and what is kept belongs to them alone. */
async function signedIn() {
  const me = session.me.value
  if (!me) return
  const who: Known = { id: me.id, login: me.login, name: me.name, posts: (me.posts ?? []).map((p) => ({ title: p.title, place: p.place })) }
  knowAccount(who)
  if (account.value?.id !== me.id) await open(who)
  account.value = who
  expired.value = false
  reached.value = true
  if (me.must_change) return
  await refresh()
  sender?.kick()
}

/** Somebody asked while an answer was on its way, which may be older than what they ask for. */
let onceMore = false

/** Takes along what is new. Without signal nothing happens: what is here stays. */
async function refresh() {
  const at = store.value
  if (!at) return
  if (refreshing.value) {
    onceMore = true
    return
  }
  refreshing.value = true
  onceMore = false
  try {
    const got = await refreshPackage(at, models.value)
    if (store.value !== at) return
    if (got.pack) pack.value = got.pack
    models.value = got.models
    reached.value = true
    rememberClock(now() - Date.now())
    void pictures(at)
  } catch (e) {
    if (e instanceof Refusal) {
      reached.value = !e.unreached
      if (e.status === 401) expired.value = true
    } else if (isFull(e)) storageFull.value = true
    else throw e
  } finally {
    refreshing.value = false
  }
  if (onceMore && reached.value && !expired.value) await refresh()
}

/** Pictures come after everything else, one run at a time; without room the app goes on without them. */
let picturing = false
async function pictures(at: Store) {
  if (picturing) return
  picturing = true
  try {
    await takePictures(at, pack.value?.tasks ?? [], () => store.value === at)
  } catch (e) {
    if (!isFull(e) && store.value === at) throw e
  } finally {
    picturing = false
  }
}

function item(kind: Item['kind'], about: Partial<Item> & Pick<Item, 'id' | 'case' | 'title' | 'form'>): Item {
  return { kind, seq: 0, state: 'waiting', tries: 0, at: Date.now(), ...(sender?.met ? { ahead: now() - Date.now() } : {}), ...about }
}

const photoItem = (caseId: string, title: string, use: string, p: Photo) =>
  item('photo', { id: p.id, case: caseId, title, form: {}, photo: { name: p.name, size: p.blob.size, use, sent: 0 } })

/** Writes items down; they are sent as soon as there is signal. Throws Full when the telephone has no room. */
async function queue(list: Item[], photos: Photo[]) {
  const blobs = new Map(photos.map((p) => [p.id, toRaw(p.blob)]))
  try {
    await store.value!.put(plain(list), blobs)
  } catch (e) {
    if (!isFull(e)) throw e
    await dropPictures(store.value!) // what the server has makes room
    await sender?.tidy(true)
    await store.value!.put(plain(list), blobs)
  }
  storageFull.value = false
  await readItems()
  sender?.kick()
}

/**
 * Writes a report down, under the id it was begun with; gives the id that it has. Two tabs may have begun the same one: what
 * the other has written down stays as it is, and other words are a report of their own.
 */
async function report(draft: string, form: Fields, chosen: Photo[]): Promise<string> {
  const there = (await store.value!.items()).filter((i) => i.case === draft)
  const first = there.find((i) => i.kind === 'report')
  const title = String(form['text']).slice(0, 60)
  const files = (id: string, photos: Photo[]) => photos.map((p) => photoItem(id, title, 'evidence', p))
  const known = (p: Photo) => there.some((i) => i.id === p.id)
  if (first && JSON.stringify(first.form) === JSON.stringify(form)) {
    const more = chosen.filter((p) => !known(p))
    if (more.length) await queue(files(draft, more), more)
    return draft
  }
  const id = first ? identifier(now()) : draft
  const photos = chosen.map((p) => (known(p) ? { ...p, id: identifier(now()) } : p))
  await queue([item('report', { id, case: id, title, form }), ...files(id, photos)], photos)
  return id
}

/** Does something about a case. `photos` by the key of the form's field that names them. */
async function act(view: Case, offer: Offer, form: Fields, photos: Record<string, Photo[]> = {}) {
  const files: Item[] = []
  const filled = { ...form }
  for (const [key, list] of Object.entries(photos)) {
    if (!list.length) continue
    filled[key] = list.map((p) => p.id)
    files.push(...list.map((p) => photoItem(view.id, view.title, photoUse(key), p)))
  }
  const action = item('action', {
    id: identifier(now()),
    case: view.id,
    title: view.title,
    base: view.version,
    action: offer.action,
    label: offer.title,
    fields: offer.form ?? [],
    form: filled,
    ...(offer.task ? { task: offer.task } : {}),
    ...(files.length ? { needs: files.map((f) => f.id) } : {}),
  })
  await queue([...files, action], Object.values(photos).flat())
}

/** How long what is in a form is kept back at a time: a form that is open renews it, a tab that was killed does not. */
export const holdFor = 120_000

/** Keeps back what waits to be sent while it is put right in a form, or lets it go. Tells whether it was there to be kept back. */
async function hold(id: string, on: boolean): Promise<boolean> {
  let kept = false
  await store.value?.change(id, (i) => {
    kept = i.state === 'waiting' || i.state === 'refused'
    if (on && kept) i.held = Date.now() + holdFor
    else delete i.held
  })
  if (!on) sender?.kick()
  return kept
}

/**
 * Puts right what was not sent, and sends it: by its id, so that the server still takes it once. `photos`: those the form
 * names that are on this device, by the key of its field. What it no longer names is put away.
 */
async function amend(id: string, form: Fields, photos: Record<string, Photo[]> = {}) {
  const all = await store.value!.items()
  const old = all.find((i) => i.id === id)
  if (!old) return
  const files = Object.entries(photos).flatMap(([key, list]) => list.map((p) => photoItem(old.case, old.title, photoUse(key), p)))
  const fresh = files.filter((f) => !all.some((i) => i.id === f.id))
  const named = new Set(Object.values(form).flat())
  const needs = [...(old.needs ?? []).filter((n) => named.has(n)), ...fresh.map((f) => f.id)]
  const gone = all.filter((i) => old.needs?.includes(i.id) && !named.has(i.id) && unsent(i)).map((i) => ({ ...i, state: 'aside' as const }))
  const title = old.kind === 'report' ? String(form['text'] ?? old.title).slice(0, 60) : old.title
  const mended: Item = { ...old, title, form, state: 'waiting', ...(old.needs || needs.length ? { needs } : {}) }
  delete mended.reason
  delete mended.next
  delete mended.held
  const taken = Object.values(photos).flat()
  await queue(
    [...fresh, ...gone, mended],
    taken.filter((p) => fresh.some((f) => f.id === p.id)),
  )
}

async function change(id: string, how: (item: Item) => void) {
  await store.value!.change(id, how)
  await readItems()
  sender?.kick()
}

/** Forgets who was here; what this device kept of them leaves it. */
async function signOut() {
  sender?.stop()
  leave(true)
  await store.value?.erase()
  knowAccount(undefined)
  account.value = undefined
  store.value = undefined
  items.value = []
  pack.value = undefined
  session.me.value = undefined
  expired.value = false
  await meet()
}

const waiting = computed(() => items.value.filter((i) => unsent(i) && i.state !== 'refused'))
const refused = computed(() => items.value.filter((i) => i.state === 'refused'))
/** What was written would be lost with this page: the browser keeps nothing, and it is not sent. */
const onlyHere = computed(() => !!store.value && !store.value.lasting && items.value.some((i) => i.state !== 'sent'))

export function useField() {
  return {
    ...{ account, store, items, pack, models, ready, reached, expired, refreshing, storageFull, waiting, refused, onlyHere },
    ...{ start, meet, signedIn, refresh, queue, report, act, amend, hold, change, signOut, readItems },
    /** Sends now what waits, also what was to wait longer. */
    sendNow: () => sender?.kick(true),
  }
}
