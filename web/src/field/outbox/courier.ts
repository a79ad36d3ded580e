import type { Entry, Item, Reason } from './item'
import { adds, meets } from './merge'
import { nextAt, patience, ready } from './order'
import { verdict, type Answer, type Verdict } from './verdict'

/** Where the items are kept. Each change is whole or not at all. */
export interface Shelf {
  items(): Promise<Item[]>
  change(id: string, change: (item: Item) => void): Promise<void>
  photo(id: string): Promise<Blob | undefined>
  /** Another picture takes the place of a photo. */
  swap(id: string, photo: Blob): Promise<void>
  /** The server has the photo: its bytes need no place any more. */
  drop(id: string): Promise<void>
}

/** The same picture with fewer bytes for each step from 0 on; 'same' when this step saves nothing, undefined after the last. */
export type Shrink = (photo: Blob, step: number) => Promise<Blob | 'same' | undefined>

/** How things get to the server. Nothing here throws: not being reached is an answer, too. */
export interface Wire {
  /** Who is signed in: `id` of the account. */
  who(): Promise<Answer>
  report(item: Item, said: string): Promise<Answer>
  act(item: Item, base: number | undefined): Promise<Answer>
  /** Brings what is not there yet of a photo; tells how far it came. */
  photo(item: Item, bytes: Blob, came: (sent: number) => void): Promise<Answer>
  /** The case as it is now: its version and the names of the actions offered. */
  look(caseId: string): Promise<Answer>
}

export type Clock = {
  now(): number
  /** How far the server's clock is ahead of this device's, ms; undefined before it was met. */
  ahead(): number | undefined
}

/** How a run ended: nothing left to send now, out of reach, or somebody has to sign in. */
export type End = { why: 'done' | 'unreached' | 'signIn'; again?: number }

const mostMerges = 5

/** How long after not being reached it is tried again, ms. */
const pause = 10_000

/**
 * Brings what waits to the server, one after the other. Only one courier of an account runs at a time on a device (the
 * caller holds the lock); that other devices may send the same at the same moment is settled by the ids.
 */
export class Courier {
  constructor(
    private readonly shelf: Shelf,
    private readonly wire: Wire,
    private readonly clock: Clock,
    private readonly changed: () => void,
    private readonly account: string,
    private readonly shrink: Shrink = async () => undefined,
  ) {}

  async run(): Promise<End> {
    // what a killed tab was sending is to be sent again; the server takes it once
    for (const item of await this.shelf.items())
      if (item.state === 'sending') await this.shelf.change(item.id, (i) => (i.state = 'waiting'))
    for (let sure = false; ; sure = true) {
      const now = this.clock.now()
      const all = await this.shelf.items()
      const item = ready(all, now)[0]
      if (!item) return { why: 'done', again: nextAt(all, now) }
      // anybody may report: without this a report would go out as a stranger's, or in the name of who came after
      const stop = (!sure || item.kind === 'report' ? await this.other() : undefined) ?? (await this.send(item, all))
      this.changed()
      if (stop) return stop
    }
  }

  /** Whether it is not this account that is signed in. */
  private async other(): Promise<End | undefined> {
    const answer = await this.wire.who()
    const said = verdict(answer)
    if (said.is === 'later') return { why: 'unreached', again: this.clock.now() + (said.after ?? pause) }
    return said.is === 'sent' && answer.body['id'] === this.account ? undefined : { why: 'signIn' }
  }

  private async send(item: Item, all: Item[]): Promise<End | undefined> {
    await this.shelf.change(item.id, (i) => {
      i.state = 'sending'
      i.tries++
    })
    this.changed()
    let answer = await this.bring(item, item.base)
    let said = verdict(answer)
    let base = item.base
    for (let merges = 0; said.is === 'stale' && merges < mostMerges; merges++) {
      const merged = await this.merge(item, all, said.since)
      if (merged.base === undefined) {
        said = merged.verdict
        break
      }
      base = merged.base
      answer = await this.bring(item, base)
      said = verdict(answer)
    }
    return this.settle(item, said, answer, base)
  }

  private async bring(item: Item, base: number | undefined): Promise<Answer> {
    if (item.kind === 'action') return this.wire.act(item, base)
    if (item.kind === 'report') return this.wire.report(item, this.said(item))
    const bytes = await this.shelf.photo(item.id)
    if (!bytes) return { status: 410, retryAfter: 0, body: { code: 'photo-gone' } }
    const came = (sent: number) =>
      void this.shelf
        .change(item.id, (i) => {
          if (i.photo) i.photo.sent = sent
        })
        .then(this.changed)
    let answer = await this.wire.photo(item, bytes, came)
    for (let step = 0; answer.status === 413; step++) {
      const less = await this.shrink(bytes, step)
      if (!less) break
      if (less === 'same') continue
      await this.shelf.swap(item.id, less)
      await this.shelf.change(item.id, (i) => {
        if (i.photo) i.photo = { ...i.photo, size: less.size, sent: 0 }
      })
      answer = await this.wire.photo(item, less, came)
    }
    return answer
  }

  /** When it was said, by the server's clock: this device's may be wrong by a day. Never later than now. */
  private said(item: Item): string {
    const ahead = this.clock.ahead() ?? 0
    return new Date(Math.min(item.at + (item.ahead ?? ahead), this.clock.now() + ahead)).toISOString()
  }

  /** Different facts go together by themselves; the same one is the worker's to decide. */
  private async merge(item: Item, all: Item[], since: Entry[]): Promise<{ base?: number; verdict: Verdict }> {
    const look = await this.wire.look(item.case)
    const seen = verdict(look)
    if (seen.is !== 'sent') return { verdict: seen }
    const version = Number(look.body['version'])
    const offers = (look.body['actions'] ?? []) as { action: string; task?: number }[]
    const offered = offers.some((o) => o.action === item.action && (!item.task || !o.task || o.task === item.task))
    const mine = new Set(all.filter((i) => i.case === item.case && i.entry).map((i) => i.entry!))
    // the refusal has the entries as they are kept, the case itself has them in words
    const told = (look.body['timeline'] ?? []) as Entry[]
    const others = since.filter((e) => !mine.has(e.seq)).map((e) => told.find((w) => w.seq === e.seq) ?? e)
    const touch = meets({ action: item.action ?? '', task: item.task, form: item.form, adds: adds(item.action ?? '') }, others)
    if (offered && !touch.same) return { base: version, verdict: seen }
    const reason: Reason = { code: offered ? 'same-field' : 'not-offered', title: '', since: others, version, offered }
    return { verdict: { is: 'refused', reason } }
  }

  private async settle(item: Item, said: Verdict, answer: Answer, base: number | undefined): Promise<End | undefined> {
    const now = this.clock.now()
    switch (said.is) {
      case 'sent':
        await this.sent(item, answer, base)
        return undefined
      case 'signIn':
        await this.shelf.change(item.id, (i) => (i.state = 'waiting'))
        return { why: 'signIn' }
      case 'refused':
        await this.shelf.change(item.id, (i) => {
          i.state = 'refused'
          i.reason = said.reason
        })
        return undefined
      case 'stale': // others are quicker each time: later, it may be calmer
        await this.postpone(item, now + patience(item.tries + 1))
        return undefined
      case 'later': {
        const at = now + (said.after ?? patience(item.tries + 1))
        await this.postpone(item, at, said.reason)
        return said.all ? { why: 'unreached', again: at } : undefined
      }
    }
  }

  private postpone(item: Item, at: number, reason?: Reason) {
    return this.shelf.change(item.id, (i) => {
      i.state = 'waiting'
      i.next = at
      if (reason) i.reason = reason
      else delete i.reason
    })
  }

  private async sent(item: Item, { body }: Answer, base: number | undefined) {
    const version = Number(body['version']) || 0
    const entry = (body['entry'] as { seq?: number } | undefined)?.seq
    await this.shelf.change(item.id, (i) => {
      i.state = 'sent'
      i.done = this.clock.now()
      delete i.reason
      delete i.next
      if (i.photo) i.photo.sent = i.photo.size
      if (typeof body['number'] === 'string') i.number = body['number']
      if (entry) i.entry = entry
      if (version) i.version = version
    })
    if (item.kind === 'photo') await this.shelf.drop(item.id)
    // nothing came between: what was made on top of it is based on what it led to
    if (item.kind === 'action' && base !== undefined && base === item.base && version)
      for (const next of await this.shelf.items())
        if (next.case === item.case && next.kind === 'action' && next.state === 'waiting' && next.seq > item.seq && next.base === base)
          await this.shelf.change(next.id, (i) => (i.base = version))
  }
}
