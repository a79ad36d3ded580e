import { language } from '@/shared/i18n'
import { smaller, smallerEdges } from '@/shared/photo'
import { now, serverSaid } from '@/shared/time'
import { Courier, type End, type Shrink } from './outbox/courier'
import { httpWire } from './outbox/wire'
import { rememberClock } from './store/device'
import { isFull, type Store } from './store/shelf'

type Hears = {
  changed(): void
  reached(yes: boolean): void
  signIn(): void
  sentSome(): void
  full(): void
}

/** A photo the server finds too large goes again smaller, step by step. */
const shrink: Shrink = async (photo, step) => {
  const edge = smallerEdges[step]
  return edge === undefined ? undefined : ((await smaller(photo, edge)) ?? 'same')
}

/** How long what was sent stays to be read, ms. */
const sentKept = 7 * 86_400_000

/**
 * Runs the courier of an account in this tab: when something was written down, when the signal comes back, when a time
 * has come. Of all tabs one runs at a time; the others hear what has changed.
 */
export class Sender {
  /** The server's clock was read since the page was opened. */
  met = false
  private running = false
  private again = false
  private all = false
  private stopped = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly tabs?: BroadcastChannel
  private readonly online = () => this.kick(true)
  private readonly seen = () => document.visibilityState === 'visible' && this.kick()

  constructor(
    private readonly store: Store,
    private readonly account: string,
    private readonly hears: Hears,
  ) {
    if ('BroadcastChannel' in globalThis) {
      this.tabs = new BroadcastChannel(`linli-outbox-${account}`)
      this.tabs.onmessage = () => this.hears.changed()
    }
    addEventListener('online', this.online)
    document.addEventListener('visibilitychange', this.seen)
  }

  stop() {
    this.stopped = true
    clearTimeout(this.timer)
    this.tabs?.close()
    removeEventListener('online', this.online)
    document.removeEventListener('visibilitychange', this.seen)
  }

  /** Sends what can go; `all` also what was to wait, unless the server itself named the time. */
  kick(all = false) {
    if (this.stopped) return
    this.again = true
    this.all ||= all
    if (!this.running) void this.run()
  }

  private async run() {
    this.running = true
    clearTimeout(this.timer)
    let end: End = { why: 'done' }
    try {
      while (this.again && !this.stopped) {
        this.again = false
        if (this.all) await this.hurry()
        this.all = false
        end = await this.alone(() => this.courier().run())
      }
      if (end.why === 'signIn') this.hears.signIn()
    } catch (e) {
      if (!isFull(e)) throw e
      this.hears.full()
      end = { why: 'done', again: Date.now() + 60_000 }
    } finally {
      this.running = false
      if (!this.stopped && end.again !== undefined)
        this.timer = setTimeout(() => this.kick(), Math.min(Math.max(end.again - Date.now(), 500), 2 ** 31 - 1))
    }
  }

  private courier() {
    const wire = httpWire(
      (path, init) => fetch(path, init),
      (date) => {
        if (date === null) return this.hears.reached(false)
        this.met = true
        serverSaid(date)
        rememberClock(now() - Date.now())
        this.hears.reached(true)
      },
      language,
    )
    const clock = { now: () => Date.now(), ahead: () => (this.met ? now() - Date.now() : undefined) }
    const changed = () => {
      this.hears.changed()
      this.tabs?.postMessage('changed')
    }
    return new Courier(this.store, wire, clock, changed, this.account, shrink)
  }

  /** One tab at a time. Where the browser has no locks, sending twice is once by the ids. */
  private async alone(work: () => Promise<End>): Promise<End> {
    const before = (await this.store.items()).filter((i) => i.state === 'sent').length
    const lock = `linli-outbox-${this.account}`
    const end = navigator.locks && this.store.lasting ? await navigator.locks.request(lock, work) : await work()
    if ((await this.store.items()).filter((i) => i.state === 'sent').length > before) this.hears.sentSome()
    return end
  }

  private async hurry() {
    for (const item of await this.store.items())
      if (item.state === 'waiting' && item.next !== undefined && item.reason?.code !== 'data-budget')
        await this.store.change(item.id, (i) => delete i.next)
  }

  /** Removes what was sent long ago; at once when room is needed. What was not sent is never touched. */
  async tidy(all = false) {
    const old = (await this.store.items()).filter((i) => i.state === 'sent' && (all || (i.done ?? 0) < Date.now() - sentKept))
    if (old.length) await this.store.remove(old.map((i) => i.id))
    this.hears.changed()
  }
}
