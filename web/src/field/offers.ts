import type { Schemas } from '@/shared/api/client'
import { adds } from './outbox/merge'
import { ahead, type Item } from './outbox/item'

export type Case = Schemas['CaseView']
export type Offer = Schemas['OfferView']
export type Model = Pick<Schemas['ModelView'], 'id' | 'stages'>

/**
 * What can be done about a case now, with what waits in the outbox in mind: after taking it without signal the stage's
 * actions follow, as its model has them; after any other step only words can be added until the case is shown as the server
 * has it then. What was sent a moment ago is not offered again while the case is still fetched.
 */
export function offersNow(view: Case, items: Item[], model?: Model): Offer[] {
  const given = view.actions ?? []
  const done = items.filter((i) => i.case === view.id && i.kind === 'action' && ahead(i, view.version) && !adds(i.action ?? ''))
  if (done.length === 0) return given
  const words = given.filter((o) => adds(o.action))
  const stage = model?.stages?.find((s) => s.name === view.stage)
  const takes = (name?: string) => (stage?.actions ?? []).some((a) => a.name === name && a.op === 'take')
  if (!done.every((i) => takes(i.action))) return words
  const task = done[0]!.task
  const next = (stage?.actions ?? [])
    .filter((a) => (a.op === 'go' || a.op === 'report') && a.by?.includes('holder'))
    .map((a, n): Offer => ({ action: a.name, title: a.title, hint: a.hint, task, primary: n === 0, form: a.form ?? [] }))
  return [...next, ...given.filter((o) => !takes(o.action) && !next.some((n) => n.action === o.action))]
}

/** The step a card offers: the usual one, if the worker may take it. */
export function primary(offers: Offer[]): Offer | undefined {
  return offers.find((o) => o.primary) ?? offers.find((o) => !!o.task)
}

export type Category = {
  code: string
  title: { zh: string; en?: string }
  trail: { zh: string; en?: string }[]
  words: string[]
  confidential: boolean
}

/** The categories that can be chosen: the leaves of the tree. */
export function leaves(tree: Schemas['FieldCategory'][], trail: Category['trail'] = []): Category[] {
  return tree.flatMap((c) =>
    c.children?.length
      ? leaves(c.children, [...trail, c.title])
      : [{ code: c.code, title: c.title, trail, words: c.words ?? [], confidential: !!c.confidential }],
  )
}

/** Categories that a text speaks for, best first: by the words of each found in it, longer ones counting more. */
export function suggested(text: string, list: Category[], most = 4): Category[] {
  const scored = list.map((c) => ({ c, n: c.words.reduce((n, w) => n + (w && text.includes(w) ? w.length : 0), 0) }))
  return scored
    .filter((s) => s.n > 0)
    .sort((a, b) => b.n - a.n)
    .slice(0, most)
    .map((s) => s.c)
}
