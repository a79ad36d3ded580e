import { expect, test } from '@playwright/test'
import { offersNow, type Case, type Model } from '../../src/field/offers'
import { Courier, type Wire } from '../../src/field/outbox/courier'
import type { Entry, Item } from '../../src/field/outbox/item'
import { meets } from '../../src/field/outbox/merge'
import { nextAt, patience, ready, waitsFor } from '../../src/field/outbox/order'
import { pack, unpack } from '../../src/field/outbox/parcel'
import { seal, unseal } from '../../src/field/outbox/sealed'
import { verdict, type Answer } from '../../src/field/outbox/verdict'
import { part, httpWire } from '../../src/field/outbox/wire'
import { openPassing } from '../../src/field/store/passing'

// The core of the outbox, without a browser: its order, its patience, its merging, and that nothing is lost or doubled.

let made = 0
const item = (part: Partial<Item> = {}): Item => ({
  ...{ id: `i${++made}`, kind: 'action', case: 'c1', title: 't', seq: made, state: 'waiting', tries: 0, at: 0, form: {}, action: 'note' },
  ...part,
})
const ids = (list: Item[]) => list.map((i) => i.id)
const answer = (status: number, body: Record<string, unknown> = {}, retryAfter = 0): Answer => ({ status, body, retryAfter })
const entry = (seq: number, action: string, data: Entry['data'] = {}, task?: number): Entry => ({
  seq,
  at: '',
  action,
  data,
  ...(task ? { task } : {}),
})

/** A server that answers as told and remembers what it took, by id. */
class Fake implements Wire {
  taken = new Map<string, number>()
  calls: string[] = []
  constructor(private readonly answers: (what: string, id: string, base?: number) => Answer) {}
  private async take(what: string, item: Item, base?: number) {
    this.calls.push(`${what} ${item.id}`)
    const a = this.answers(what, item.id, base)
    if (a.status >= 200 && a.status < 300) this.taken.set(item.id, (this.taken.get(item.id) ?? 0) + 1)
    return a
  }
  report = (i: Item) => this.take('report', i)
  act = (i: Item, base?: number) => this.take('act', i, base)
  photo: Wire['photo'] = (i: Item) => this.take('photo', i)
  me = answer(200, { id: 'me' })
  who = async () => this.me
  look = async () => this.answers('look', '')
}

async function box(items: Item[], wire: Wire, at = { now: 1000 }) {
  const store = openPassing()
  await store.put(items, new Map(items.filter((i) => i.kind === 'photo').map((i) => [i.id, new Blob(['x'])])))
  const courier = new Courier(store, wire, { now: () => at.now, ahead: () => 0 }, () => undefined, 'me')
  const state = async (id: string) => (await store.items()).find((i) => i.id === id)!
  return { store, courier, state, at }
}

test.describe('order', () => {
  test('items of a case go one after the other, cases do not wait for one another', () => {
    const [a1, a2, b1] = [item({ case: 'a' }), item({ case: 'a' }), item({ case: 'b' })]
    expect(ids(ready([a1, a2, b1], 0))).toEqual(ids([a1, b1]))
    expect(waitsFor(a2, [a1, a2, b1], 0)).toEqual({ for: 'item', id: a1.id })
  })

  test('what was refused holds its case up and no other', () => {
    const [a1, a2, b1] = [item({ case: 'a', state: 'refused' }), item({ case: 'a' }), item({ case: 'b' })]
    expect(ids(ready([a1, a2, b1], 0))).toEqual(ids([b1]))
  })

  test('what was put aside holds nothing up', () => {
    const [a1, a2] = [item({ case: 'a', state: 'aside' }), item({ case: 'a' })]
    expect(ids(ready([a1, a2], 0))).toEqual(ids([a2]))
  })

  test('photos follow their report, and words go before photos', () => {
    const r = item({ kind: 'report', case: 'a' })
    const p = item({ kind: 'photo', case: 'a' })
    const other = item({ kind: 'report', case: 'b' })
    expect(ids(ready([r, p, other], 0))).toEqual(ids([r, other]))
    expect(ids(ready([{ ...r, state: 'sent' }, p, other], 0))).toEqual(ids([other, p]))
  })

  test('an action waits for the photos its form names, and for no other photo', () => {
    const p = item({ kind: 'photo', case: 'a' })
    const needs = item({ case: 'a', needs: [p.id] })
    const free = item({ case: 'z' })
    const q = item({ kind: 'photo', case: 'z', state: 'refused' })
    expect(ids(ready([p, needs, q, free], 0))).toEqual(ids([free, p]))
  })

  test('a time to wait is kept and told', () => {
    const a = item({ next: 500 })
    expect(ready([a], 499)).toEqual([])
    expect(nextAt([a], 499)).toBe(500)
    expect(ids(ready([a], 500))).toEqual([a.id])
  })

  test('what is being put right is kept back, and so is what waits for it', () => {
    const a = item({ case: 'a', next: 200, held: 500 })
    const b = item({ case: 'a' })
    expect(ready([a, b], 499)).toEqual([])
    expect(nextAt([a, b], 499)).toBe(500)
    expect(ids(ready([a, b], 500))).toEqual([a.id])
  })

  test('patience grows to five minutes and no further', () => {
    expect([1, 2, 3, 20].map(patience)).toEqual([2000, 4000, 8000, 300_000])
  })
})

test.describe('verdict', () => {
  const cases: [string, Answer, string][] = [
    ['a new case is sent', answer(201), 'sent'],
    ['the same again is sent', answer(200, { again: true }), 'sent'],
    ['not reached is later', answer(0), 'later'],
    ['too often is later', answer(429, { code: 'too-often' }, 30), 'later'],
    ['a restart is later', answer(503), 'later'],
    ['a fault of the server is later', answer(500), 'later'],
    ['a session that ended asks to sign in', answer(401), 'signIn'],
    ['a stale version is stale', answer(409, { code: 'stale-version', extra: { since: [] } }), 'stale'],
    ['another conflict is refused', answer(409, { code: 'not-now' }), 'refused'],
    ['a wrong form is refused', answer(422), 'refused'],
    ['a case one may not see is refused', answer(404), 'refused'],
    ['a file too large is refused', answer(413), 'refused'],
  ]
  for (const [name, a, is] of cases) test(name, () => expect(verdict(a).is).toBe(is))

  test('the budget of the day holds up this photo only, until the server says', () => {
    expect(verdict(answer(429, { code: 'data-budget', title: 'x' }, 60))).toMatchObject({ is: 'later', after: 60_000, all: false })
  })
})

test.describe('merging', () => {
  const mine = { action: 'feed_back', task: 2, form: { result: 'done' }, adds: false }
  test('a word, a file and a reminder meet nothing', () => {
    expect(meets(mine, [entry(3, 'note', { form: { note: 'x' } }), entry(4, 'attach', { text: 'a.jpg' }), entry(5, 'remind')]).same).toBe(
      false,
    )
  })
  test('the same hand-over meets', () => expect(meets(mine, [entry(3, 'transfer', { changes: [{ task: 2 }] })]).same).toBe(true))
  test('another hand-over does not meet', () => expect(meets(mine, [entry(3, 'report', { changes: [{ task: 4 }] }, 4)]).same).toBe(false))
  test('a case that went on or ended meets', () => {
    expect(meets(mine, [entry(3, 'here', { stage: 'sort' })]).same).toBe(true)
    expect(meets(mine, [entry(3, 'accept', { end: 'resolved' })]).same).toBe(true)
  })
  test('words added meet nothing, whatever came', () => {
    expect(
      meets({ action: 'note', form: { note: 'x' }, adds: true }, [entry(3, 'here', { stage: 'handle', changes: [{ task: 1 }] })]).same,
    ).toBe(false)
  })
  test('corrections of different facts go together, of the same one meet', () => {
    const correct = { action: 'correct', form: { category: '02' }, adds: false }
    expect(meets(correct, [entry(3, 'correct', { fields: { urgency: ['normal', 'urgent'] } })])).toEqual({ same: false, fields: [] })
    expect(meets(correct, [entry(3, 'correct', { fields: { category: ['01', '03'] } })])).toEqual({ same: true, fields: ['category'] })
  })
  test('the same step by somebody else meets', () => {
    expect(meets({ action: 'pause', form: {}, adds: false }, [entry(3, 'pause', { clock: { hop: [1, 2] } })]).same).toBe(true)
  })
})

test.describe('what may be done now', () => {
  const title = { zh: '步' }
  const offer = (action: string) => ({ action, title, form: [] })
  const view = { id: 'c1', version: 4, stage: 'handle', actions: [offer('accept'), offer('note')] } as unknown as Case
  const actions = [
    { name: 'accept', title, op: 'take' },
    { name: 'feed_back', title, op: 'go', by: ['holder'] },
  ]
  const model = { id: 'm', stages: [{ name: 'handle', actions }] } as unknown as Model
  const names = (items: Item[], shown = view) => offersNow(shown, items, model).map((o) => o.action)
  const took = (part: Partial<Item>) => item({ action: 'accept', ...part })

  test('after taking it the stage goes on, on its way and when it has just arrived', () => {
    expect(names([])).toEqual(['accept', 'note'])
    for (const done of [took({ state: 'waiting' }), took({ state: 'sending' }), took({ state: 'sent', version: 5 })])
      expect(names([done])).toEqual(['feed_back', 'note'])
  })
  test('once the case is shown as the server has it, the server says what is offered', () => {
    const later = { ...view, version: 5, actions: [offer('feed_back'), offer('transfer')] } as unknown as Case
    expect(names([took({ state: 'sent', version: 5 })], later)).toEqual(['feed_back', 'transfer'])
    expect(names([took({ state: 'aside' })])).toEqual(['accept', 'note'])
  })
  test('after another step only words, until the case is fetched', () => {
    expect(names([item({ action: 'feed_back', state: 'sent', version: 5 })])).toEqual(['note'])
  })
})

test.describe('courier', () => {
  test('sends everything once, in order', async () => {
    const list = [
      item({ kind: 'report', case: 'a' }),
      item({ kind: 'photo', case: 'a', photo: { name: 'a', size: 1, use: 'evidence', sent: 0 } }),
      item({ case: 'b' }),
    ]
    const wire = new Fake(() => answer(200))
    const { courier, store } = await box(list, wire)
    expect(await courier.run()).toEqual({ why: 'done', again: undefined })
    expect([...wire.taken.values()]).toEqual([1, 1, 1])
    expect((await store.items()).map((i) => i.state)).toEqual(['sent', 'sent', 'sent'])
    expect(await store.photo(list[1]!.id)).toBeUndefined()
  })

  test('an answer that was lost is asked for again with the same id', async () => {
    const a = item()
    let n = 0
    const wire = new Fake(() => (n++ === 0 ? answer(0) : answer(200, { again: true })))
    const { courier, state, at } = await box([a], wire)
    expect((await courier.run()).why).toBe('unreached')
    expect(await state(a.id)).toMatchObject({ state: 'waiting', tries: 1 })
    at.now = 1e9
    await courier.run()
    expect(wire.calls).toEqual([`act ${a.id}`, `act ${a.id}`])
    expect((await state(a.id)).state).toBe('sent')
  })

  test('what a killed tab was sending is sent again', async () => {
    const a = item({ state: 'sending' })
    const wire = new Fake(() => answer(200))
    const { courier, state } = await box([a], wire)
    await courier.run()
    expect((await state(a.id)).state).toBe('sent')
  })

  test('a refusal stays with its reason, and nothing is deleted after very many tries', async () => {
    const [a, b] = [item({ case: 'a' }), item({ case: 'b' })]
    const wire = new Fake((_, id) => (id === a.id ? answer(422, { code: 'invalid-form', title: 'no' }) : answer(500, { title: 'oops' })))
    const { courier, state, at, store } = await box([a, b], wire)
    for (let i = 0; i < 50; i++) {
      await courier.run()
      at.now += 1e9
    }
    expect(await state(a.id)).toMatchObject({ state: 'refused', tries: 1, reason: { code: 'invalid-form', title: 'no' } })
    expect(await state(b.id)).toMatchObject({ state: 'waiting', tries: 50 })
    expect(await store.items()).toHaveLength(2)
  })

  test('the server says when: Retry-After is kept', async () => {
    const a = item()
    const { courier, state } = await box([a], new Fake(() => answer(429, { code: 'too-often' }, 30)))
    expect(await courier.run()).toEqual({ why: 'unreached', again: 31_000 })
    expect((await state(a.id)).next).toBe(31_000)
  })

  test('a session that ended stops the sending and loses nothing', async () => {
    const { courier, store } = await box([item({ case: 'a' }), item({ case: 'b' })], new Fake(() => answer(401)))
    expect(await courier.run()).toEqual({ why: 'signIn' })
    expect((await store.items()).map((i) => i.state)).toEqual(['waiting', 'waiting'])
  })

  test('nothing goes out as a stranger’s, or in the name of somebody else who signed in here', async () => {
    for (const who of [answer(401), answer(200, { id: 'somebody' })]) {
      const wire = new Fake(() => answer(201))
      wire.me = who
      const { courier, store } = await box([item({ kind: 'report', case: 'a' })], wire)
      expect(await courier.run()).toEqual({ why: 'signIn' })
      expect(wire.calls).toEqual([])
      expect((await store.items()).map((i) => i.state)).toEqual(['waiting'])
    }
  })

  test('a stale version merges by itself when others only said something', async () => {
    const a = item({ action: 'feed_back', task: 2, base: 2 })
    const wire = new Fake((what, _, base) => {
      if (what === 'look') return answer(200, { version: 3, actions: [{ action: 'feed_back', task: 2 }] })
      return base === 3
        ? answer(200, { version: 4 })
        : answer(409, { code: 'stale-version', extra: { since: [entry(3, 'note', { form: { note: 'x' } })] } })
    })
    const { courier, state } = await box([a], wire)
    await courier.run()
    expect((await state(a.id)).state).toBe('sent')
  })

  test('a stale version in the same place is the worker’s to decide, with both sides kept', async () => {
    const a = item({ action: 'feed_back', task: 2, base: 2, form: { result: 'mine' } })
    const since = [entry(3, 'transfer', { changes: [{ task: 2 }], form: { reason: 'theirs' } })]
    const words = [{ key: 'reason', type: 'text', title: { zh: '理由', en: 'Reason' }, to: { zh: 'theirs', en: 'theirs' } }]
    const told = since.map((e) => ({ ...e, title: { zh: '转办', en: 'Pass on' }, who: '王', words })) // as the case itself has it
    const wire = new Fake((what) =>
      what === 'look'
        ? answer(200, { version: 3, actions: [], timeline: [entry(2, 'take'), ...told] })
        : answer(409, { code: 'stale-version', extra: { since } }),
    )
    const { courier, state } = await box([a], wire)
    await courier.run()
    expect(await state(a.id)).toMatchObject({
      state: 'refused',
      form: { result: 'mine' },
      reason: { code: 'not-offered', since: told, offered: false, version: 3 },
    })
  })

  test('two steps made without signal on one version both arrive', async () => {
    const [take, back] = [item({ action: 'take', task: 2, base: 2 }), item({ action: 'feed_back', task: 2, base: 2 })]
    let version = 2
    const wire = new Fake((_, __, base) =>
      base === version ? answer(200, { version: ++version, entry: { seq: version } }) : answer(409, { code: 'stale-version' }),
    )
    const { courier, store } = await box([take, back], wire)
    await courier.run()
    expect((await store.items()).map((i) => [i.state, i.entry])).toEqual([
      ['sent', 3],
      ['sent', 4],
    ])
  })

  test('one’s own entries do not meet one’s own steps', async () => {
    const take = item({ action: 'take', task: 2, base: 2, state: 'sent', entry: 4 })
    const back = item({ action: 'feed_back', task: 2, base: 2 })
    const since = [entry(3, 'note', {}), entry(4, 'take', { changes: [{ task: 2 }] }, 2)]
    const wire = new Fake((what, _, base) => {
      if (what === 'look') return answer(200, { version: 4, actions: [{ action: 'feed_back', task: 2 }] })
      return base === 4 ? answer(200, { version: 5 }) : answer(409, { code: 'stale-version', extra: { since } })
    })
    const { courier, state } = await box([take, back], wire)
    await courier.run()
    expect((await state(back.id)).state).toBe('sent')
  })

  test('a photo too large goes again smaller, by the same id; what saves nothing is not sent', async () => {
    const p = item({ kind: 'photo', photo: { name: 'a', size: 9, use: 'evidence', sent: 0 } })
    const sizes: number[] = []
    const wire = new Fake(() => answer(200))
    wire.photo = async (i, bytes) => {
      sizes.push(bytes.size)
      expect(i.id).toBe(p.id)
      return answer(bytes.size > 4 ? 413 : 200)
    }
    const store = openPassing()
    await store.put([p], new Map([[p.id, new Blob(['123456789'])]]))
    const steps = [new Blob(['123456']), 'same' as const, new Blob(['123'])]
    const shrink = async (_: Blob, step: number) => steps[step]
    await new Courier(store, wire, { now: () => 0, ahead: () => 0 }, () => undefined, 'me', shrink).run()
    expect(sizes).toEqual([9, 6, 3])
    expect((await store.items())[0]).toMatchObject({ state: 'sent', photo: { size: 3 } })
  })

  test('a photo that cannot be made small enough stays whole, with the reason', async () => {
    const p = item({ kind: 'photo', photo: { name: 'a', size: 9, use: 'evidence', sent: 0 } })
    const wire = new Fake(() => answer(413, { code: 'file-too-large', title: 'too large' }))
    const { courier, state, store } = await box([p], wire)
    await courier.run()
    expect(await state(p.id)).toMatchObject({ state: 'refused', reason: { code: 'file-too-large', title: 'too large' } })
    expect(await store.photo(p.id)).toBeDefined()
  })

  test('500 items over a line that breaks at every third: each arrives, none twice in effect', async () => {
    const list = Array.from({ length: 500 }, (_, i) => item({ case: `c${i % 60}`, kind: i < 60 ? 'report' : 'action' }))
    let n = 0
    const wire = new Fake(() => answer(++n % 3 ? 200 : 0))
    const { courier, store, at } = await box(list, wire)
    for (let runs = 0; runs < 1000 && (await store.items()).some((i) => i.state !== 'sent'); runs++) {
      await courier.run()
      at.now += 400_000
    }
    expect(wire.taken.size).toBe(500)
    expect((await store.items()).every((i) => i.state === 'sent')).toBe(true)
    const order = wire.calls.map((c) => c.split(' ')[1]!)
    for (const caseId of ['c0', 'c59']) {
      const mine = list.filter((i) => i.case === caseId).map((i) => i.id)
      expect([...new Set(order.filter((id) => mine.includes(id)))]).toEqual(mine)
    }
  })
})

test.describe('wire', () => {
  test('a photo goes on where the line broke, and a gap is followed', async () => {
    const bytes = new Blob([new Uint8Array(part * 3 + 5)])
    const asked: string[] = []
    let have = part
    let broken = true
    const wire = httpWire(
      async (_, init) => {
        if (init.method === 'HEAD') return new Response(null, { status: 200, headers: have ? { 'Upload-Offset': String(have) } : {} })
        const range = (init.headers as Record<string, string>)['Content-Range']!
        asked.push(range)
        const [, to] = /bytes \d+-(\d+)/.exec(range)!
        if (broken && Number(to) + 1 > part * 2) throw new TypeError('line broke')
        have = Number(to) + 1
        return new Response(JSON.stringify({ have }), { status: have === bytes.size ? 201 : 202 })
      },
      () => undefined,
      () => 'zh-CN',
    )
    const p = item({ kind: 'photo', photo: { name: 'a.jpg', size: bytes.size, use: 'evidence', sent: 0 } })
    expect((await wire.photo(p, bytes, () => undefined)).status).toBe(0)
    broken = false
    expect((await wire.photo(p, bytes, () => undefined)).status).toBe(201)
    expect(asked[0]).toBe(`bytes ${part}-${part * 2 - 1}/${bytes.size}`)
    expect(asked[2]).toBe(`bytes ${part * 2}-${part * 3 - 1}/${bytes.size}`)
  })
})

test.describe('files', () => {
  test('a parcel comes back as it was', async () => {
    const p = item({ kind: 'photo', photo: { name: 'a', size: 3, use: 'after', sent: 0 } })
    const parcel = await pack('me', [p], async () => new Blob([new Uint8Array([1, 2, 255])], { type: 'image/jpeg' }))
    const back = unpack(JSON.stringify(parcel))!
    expect(back.items).toEqual([p])
    expect([...new Uint8Array(await back.photos.get(p.id)!.arrayBuffer())]).toEqual([1, 2, 255])
    expect(unpack('{"linli":"other"}')).toBeUndefined()
    expect(unpack('nonsense')).toBeUndefined()
  })

  test('a sealed file opens with its passphrase only, and not when it was changed', async () => {
    const file = await seal('秘密', '一二三四五六七八')
    expect(file.data).not.toContain('秘密')
    expect(await unseal(file, '一二三四五六七八')).toBe('秘密')
    expect(await unseal(file, 'another passphrase')).toBeUndefined()
    expect(await unseal({ ...file, data: file.data.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) }, '一二三四五六七八')).toBeUndefined()
  })
})
