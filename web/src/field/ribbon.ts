import { say } from '@/shared/i18n'
import type { Stop } from '@/shared/parts/FlowRibbon.vue'
import type { Case, Model } from './offers'

/** The way of a case: the stages it was in, where it is now with who has it, and the usual way on. */
export function stopsOf(view: Case, model?: Model): Stop[] {
  const title = (name: string) =>
    say(model?.stages?.find((s) => s.name === name)?.title) || (name === view.stage ? say(view.stage_title) : name)
  const been: Stop[] = []
  const entered = (view.timeline ?? []).filter((e) => e.data.stage)
  for (const e of entered) {
    const name = e.data.stage!
    if (been.at(-1)?.title !== title(name)) been.push({ title: title(name), state: 'done', at: e.at })
  }
  if (view.ended_at) return [...been, { title: say(view.end_title), state: 'done', at: view.ended_at }]
  const holder = view.holder ?? view.owner
  const now: Stop = {
    title: title(view.stage),
    state: 'now',
    ...(holder ? { who: `${holder.place} ${say(holder.title)}` } : {}),
    ...(view.hop_due_at ? { due: view.hop_due_at } : {}),
  }
  if (been.at(-1)?.title === now.title) been.pop()
  const next: Stop[] = []
  const seen = new Set([view.stage])
  for (let at = view.stage; ;) {
    const on = model?.stages?.find((s) => s.name === at)?.actions?.find((a) => a.to || a.end)
    if (!on?.to || seen.has(on.to)) break
    seen.add(on.to)
    next.push({ title: title(on.to), state: 'next' })
    at = on.to
  }
  return [...been, now, ...next]
}
