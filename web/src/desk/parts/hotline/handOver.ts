import { api, ask } from '@/shared/api/client'
import { identifier } from '@/shared/api/identifier'
import { readCase, type Case, type Offer } from '../case/caseQuery'
import { reportOf, type Call } from './call'

/**
 * What became of a hand-over to an emergency number: the order ended by it; its governance model has no such step, so it was
 * written into the story; or neither was this agent's to do.
 */
export type HandedOver = { how: 'ended' | 'noted' | 'missing'; it: Case; to: string }

/**
 * Opens the order as urgent, unless it is open already, and records the hand-over on it. Doing it again after a lost answer
 * opens no second order and records nothing twice.
 */
export async function recordHandOver(call: Call, to: string, note: string, opened?: string): Promise<HandedOver> {
  const number = opened ?? (await ask(api.POST('/api/v1/cases', { body: { ...reportOf(call), urgency: 'urgent' } }))).number
  const it = await readCase(number)
  const over = (how: HandedOver['how'], now = it): HandedOver => ({ how, it: now, to })
  if (it.ended) return over(it.ended === 'handed_over' ? 'ended' : 'missing')
  if ((it.timeline ?? []).some((e) => e.action === 'note' && said(e.data) === note)) return over('noted')
  for (const [action, how] of [
    ['hand_over', 'ended'],
    ['note', 'noted'],
  ] as const) {
    const offer = it.actions?.find((o) => o.action === action)
    if (!offer || !takesNote(offer)) continue
    const body = { base: it.version, command: identifier(), task: offer.task, form: { note } }
    await ask(api.POST('/api/v1/cases/{id}/actions/{action}', { params: { path: { id: it.id, action } }, body }))
    return over(how, await readCase(number).catch(() => it))
  }
  return over('missing')
}

const said = (data: unknown) => (data as { form?: { note?: unknown } } | undefined)?.form?.note

/** Whether a note is all that the form needs. */
function takesNote(offer: Offer): boolean {
  const fields = offer.form ?? []
  return fields.some((f) => f.key === 'note') && fields.every((f) => f.key === 'note' || !f.required)
}
