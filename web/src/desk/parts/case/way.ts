import type { Schemas } from '@/shared/api/client'
import { say } from '@/shared/i18n'
import type { Stop } from '@/shared/parts/FlowRibbon.vue'
import type { Case, Task } from './caseQuery'

/** A stop on the way of a case with the hand-overs that were open there. */
export type Hop = Stop & { tasks: Task[]; stage: string }

/** The way a case has gone, where it is, and the usual way on by the first action of each stage. */
export function wayOf(c: Case, model?: Schemas['ModelView']): Hop[] {
  const stages = model?.stages ?? []
  const title = (name: string) => say(stages.find((s) => s.name === name)?.title) || (name === c.stage ? say(c.stage_title) : '')
  const tasks = c.tasks ?? []
  const hops: Hop[] = []
  for (const e of c.timeline ?? []) {
    const opened = (e.data.changes ?? []).filter((ch) => ch.op === 'open').map((ch) => tasks.find((k) => k.no === ch.task))
    const last = hops.at(-1)
    if (e.data.stage && (e.data.stage !== last?.stage || opened.length)) {
      hops.push({ stage: e.data.stage, title: title(e.data.stage), state: 'done', at: e.at, tasks: [] })
    }
    hops.at(-1)?.tasks.push(...opened.filter((k): k is Task => !!k))
  }
  for (const h of hops) h.who = who(h.tasks)
  const now = hops.at(-1)
  if (now && !c.ended) now.state = 'now'
  if (c.ended) hops.push({ stage: '', title: say(c.end_title), state: 'done', at: c.ended_at, tasks: [] })
  else hops.push(...ahead(c, model, title, new Set(hops.map((h) => h.stage))))
  return hops
}

function who(tasks: Task[]): string {
  const lead = tasks.filter((k) => k.kind !== 'member').at(-1) ?? tasks.at(-1)
  if (!lead) return ''
  const more = tasks.filter((k) => k.kind === 'member').length
  return `${lead.post.place} ${say(lead.post.title)}${more ? ` +${more}` : ''}`
}

function ahead(c: Case, model: Schemas['ModelView'] | undefined, title: (name: string) => string, been: Set<string>): Hop[] {
  const out: Hop[] = []
  const seen = new Set(been)
  let at = c.stage
  while (model) {
    // the first action that leads on; answering, taking and the like stay
    const step = model.stages?.find((s) => s.name === at)?.actions?.find((a) => a.end || (a.to && !seen.has(a.to)))
    if (!step) break
    if (step.end) {
      out.push({ stage: '', title: say(model.ends?.find((e) => e.name === step.end)?.title), state: 'next', tasks: [] })
      break
    }
    at = step.to!
    seen.add(at)
    out.push({ stage: at, title: title(at), state: 'next', tasks: [] })
  }
  return out
}
