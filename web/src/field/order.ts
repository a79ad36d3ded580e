import type { Case } from './offers'

/** The order of a worker's day: what is overdue, then what is urgent, then the clock. */
export const presses = ['late', 'urgent', 'priority', 'soon', 'later'] as const
export type Press = (typeof presses)[number]
type Pressing = Pick<Case, 'urgency' | 'hop_due_at' | 'number'>

const day = 86_400_000
/** A complex matter has more time by its model; that makes it no more and no less pressing than a usual one. */
const weight = { urgent: 0, priority: 1, normal: 2, complex: 2 }
const due = (c: Pressing) => (c.hop_due_at ? Date.parse(c.hop_due_at) : Infinity)

/** How a task presses: what is not overdue by its urgency, and what is usual by whether it falls due within a day. */
export function press(c: Pressing, now: number): Press {
  const left = due(c) - now
  if (left < 0) return 'late'
  if (c.urgency === 'urgent' || c.urgency === 'priority') return c.urgency
  return left < day ? 'soon' : 'later'
}

/** What presses most comes first. What has no limit or is paused comes last among those as urgent as it is. */
export function byPress(now: number) {
  const late = (c: Pressing) => (due(c) < now ? 0 : 1)
  return (a: Pressing, b: Pressing): number =>
    late(a) - late(b) || weight[a.urgency] - weight[b.urgency] || due(a) - due(b) || a.number.localeCompare(b.number)
}
