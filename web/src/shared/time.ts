import { onScopeDispose, ref, type Ref } from 'vue'
import { language, t } from './i18n'

/** The difference between the server's clock and this device's, from the last answer that told it. */
let ahead = 0
const clocks = new Set<() => void>()
export function serverSaid(date: string | null) {
  const at = date ? Date.parse(date) : NaN
  if (Number.isNaN(at)) return
  const before = ahead
  ahead = Math.abs(at - Date.now()) < 2000 ? 0 : at - Date.now()
  if (Math.abs(ahead - before) > 60_000) clocks.forEach((move) => move())
}

export function now(): number {
  return Date.now() + ahead
}

/** The present, for what is shown: it moves on every half minute. One clock ticks for all who look at it. */
const tickers = new Map<number, { present: Ref<number>; watching: number; stop: () => void }>()
export function usePresent(every = 30_000) {
  let ticker = tickers.get(every)
  if (!ticker) {
    const present = ref(now())
    const move = () => (present.value = now())
    const timer = setInterval(move, every)
    clocks.add(move)
    const stop = () => {
      clearInterval(timer)
      clocks.delete(move)
      tickers.delete(every)
    }
    tickers.set(every, (ticker = { present, watching: 0, stop }))
  }
  const mine = ticker
  mine.watching++
  onScopeDispose(() => {
    if (--mine.watching === 0) mine.stop()
  })
  return mine.present
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A length of time in the largest units that matter: 2 小时 15 分. */
export function span(ms: number): string {
  const abs = Math.abs(ms)
  if (abs < minute) return t('clock.now')
  if (abs < hour) return t('clock.minutes', { n: Math.floor(abs / minute) })
  if (abs < 6 * hour && Math.floor((abs % hour) / minute) > 0)
    return t('clock.hoursMinutes', { h: Math.floor(abs / hour), m: Math.floor((abs % hour) / minute) })
  if (abs < 2 * day) return t('clock.hours', { n: Math.floor(abs / hour) })
  return t('clock.days', { n: Math.floor(abs / day) })
}

const zone = 'Asia/Shanghai'
/** To make a format takes a slow phone a tenth of a second: one for each language, made when it is first used. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** The whole moment, for a title or a print: 2026年3月4日 09:30. */
export function exact(iso: string | number): string {
  const tag = language() === 'en' ? 'en-GB' : language() // the day before the month, as the server writes it
  let format = formats.get(tag)
  if (!format) {
    const parts = { year: 'numeric', month: 'long', day: 'numeric', hour: '2-digit', minute: '2-digit' } as const
    formats.set(tag, (format = new Intl.DateTimeFormat(tag, { timeZone: zone, hourCycle: 'h23', ...parts })))
  }
  return format.format(new Date(iso))
}

/** Day and clock of Beijing, which has had no summer time since 1991: read as if they were UTC. */
const inBeijing = (at: number) => new Date(at + 8 * hour)
const dayOf = (at: number) => inBeijing(at).toISOString().slice(0, 10)
const clockOf = (at: number) => inBeijing(at).toISOString().slice(11, 16)

/** The moment as people say it: 今天 09:30, 昨天 18:00, 3月4日 09:30. */
export function moment(iso: string | number, present = now()): string {
  const at = new Date(iso).getTime()
  if (Number.isNaN(at)) return ''
  if (dayOf(at) === dayOf(present)) return t('clock.today', { t: clockOf(at) })
  if (dayOf(at) === dayOf(present - day)) return t('clock.yesterday', { t: clockOf(at) })
  return t('clock.moment', { day: date(at, present), t: clockOf(at) })
}

/** A day: 3月4日, with the year when it is another. */
export function date(iso: string | number, present = now()): string {
  const at = new Date(iso).getTime()
  if (Number.isNaN(at)) return ''
  const [y, m, d] = dayOf(at).split('-').map(Number)
  const words = { y: y!, m: t(`clock.months.${m!}`), d: d! }
  return dayOf(at).slice(0, 4) === dayOf(present).slice(0, 4) ? t('clock.day', words) : t('clock.yearDay', words)
}
