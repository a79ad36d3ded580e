import { unsent, type Item } from './item'

/** What an item waits for. */
export type Wait = { for: 'nothing' } | { for: 'item'; id: string } | { for: 'worker' } | { for: 'time'; until: number }

/**
 * Tells what an item waits for. An action waits for everything of its case before it, unless that is a photo it does
 * not need; a photo waits for the report that makes its case, and otherwise goes as it comes.
 */
export function waitsFor(item: Item, all: Iterable<Item>, now: number): Wait {
  if (item.state === 'refused') return { for: 'worker' }
  for (const other of all) {
    if (other.case !== item.case || other.id === item.id || !unsent(other)) continue
    if (item.needs?.includes(other.id)) return { for: 'item', id: other.id }
    if (other.seq >= item.seq) continue
    if (item.kind === 'photo' ? other.kind === 'report' : other.kind !== 'photo') return { for: 'item', id: other.id }
  }
  const until = notBefore(item)
  return until > now ? { for: 'time', until } : { for: 'nothing' }
}

function notBefore(item: Item): number {
  return Math.max(item.next ?? 0, item.held ?? 0)
}

/** What can go out now, oldest first. Words before photos, so that a photo on a weak line holds no report up. */
export function ready(all: Item[], now: number): Item[] {
  const cases = new Map<string, Item[]>()
  for (const item of all) {
    const list = cases.get(item.case)
    if (list) list.push(item)
    else cases.set(item.case, [item])
  }
  const weight = (item: Item) => (item.kind === 'photo' ? 1 : 0)
  return all
    .filter((i) => i.state === 'waiting' && waitsFor(i, cases.get(i.case)!, now).for === 'nothing')
    .sort((a, b) => weight(a) - weight(b) || a.seq - b.seq)
}

/** When something that waits for its time can go out; undefined when nothing does. */
export function nextAt(all: Item[], now: number): number | undefined {
  const times = all.filter((i) => i.state === 'waiting' && notBefore(i) > now).map(notBefore)
  return times.length ? Math.min(...times) : undefined
}

/** How long to wait after so many failures that the server gave no time for: 2 s, doubled up to five minutes. */
export function patience(tries: number): number {
  return Math.min(2000 * 2 ** Math.max(0, tries - 1), 300_000)
}
