import type { Schemas } from '../../shared/api/client'

/**
 * The outbox keeps what a worker did until the server has it. An item is one request: a report, an action on a case, or
 * a photo. Items of one case go out in the order they were made; those of different cases do not wait for one another.
 * Nothing here is ever removed because it failed, however often.
 */
export type Kind = 'report' | 'action' | 'photo'

/**
 * waiting: will be sent by itself. sending: on its way. sent: the server has it. refused: the server said no, and only
 * the worker can say what next. aside: the worker put it away; it stays to be read and exported.
 */
export type State = 'waiting' | 'sending' | 'sent' | 'refused' | 'aside'

export type Fields = Record<string, unknown>

/** An entry of a case's timeline, as far as the outbox looks at it. */
export type Entry = {
  seq: number
  at: string
  account?: string
  action: string
  task?: number
  title?: { zh: string; en?: string }
  who?: string
  /** What was filled in and changed, in words. */
  words?: Schemas['SaidView'][] | null
  data: {
    by?: string
    form?: Fields | null
    stage?: string
    end?: string
    text?: string
    changes?: { task: number }[] | null
    fields?: Record<string, unknown> | null
    clock?: Record<string, unknown> | null
  }
}

/** Why an item was refused, in the words of the server or, by its code, of this face. */
export type Reason = {
  code: string
  title: string
  detail?: string
  fields?: { field: string; code: string; message: string }[]
  /** What others did meanwhile: to be shown beside what the worker wanted. */
  since?: Entry[]
  /** The version of the case these entries led to. */
  version?: number
  /** The action is offered still. */
  offered?: boolean
}

export type Item = {
  /** UUIDv7 of the report, command or file: sending it twice is once. */
  id: string
  kind: Kind
  /** Id of the case; a report's is its own. */
  case: string
  /** What it is about, for the list. */
  title: string
  /** Place in the order of this device. */
  seq: number
  state: State
  reason?: Reason
  tries: number
  /** Not before (device time, ms); set by the server's Retry-After or by growing patience. */
  next?: number
  /** It is being put right in a form until then (device time, ms) and not sent meanwhile. */
  held?: number
  /** Made at (device time, ms). */
  at: number
  /** How far the server's clock was ahead of this device's when it was made; unknown without having met the server. */
  ahead?: number
  /** The version of the case it is based on. */
  base?: number
  action?: string
  /** The action in words. */
  label?: { zh: string; en?: string }
  task?: number
  /** The form of the action, as the case's model asked for it: what was filled in can be told in words and put right. */
  fields?: Schemas['FlowFormField'][]
  form: Fields
  /** Photos that must be there first, by id: the form names them. */
  needs?: string[]
  photo?: { name: string; size: number; use: string; sent: number }
  /** What the server answered: the number of a new case, the place of the entry in the timeline, the case's version then. */
  number?: string
  entry?: number
  version?: number
  /** Sent at (device time, ms). */
  done?: number
}

/** Still to be brought to the server or decided by the worker. */
export function unsent(item: Item): boolean {
  return item.state !== 'sent' && item.state !== 'aside'
}

/** Done by this worker and not yet in what is shown of the case, which has this version: on its way, or just arrived. */
export function ahead(item: Item, version: number): boolean {
  return unsent(item) || (item.state === 'sent' && (item.version ?? 0) > version)
}

/** What people wrote in a form, and what they chose, to be shown; ids of photos say nothing to anybody. */
export function writtenIn(form: Fields): string[] {
  return Object.values(form).flatMap((v) => (typeof v === 'string' && v ? [v] : typeof v === 'number' ? [String(v)] : []))
}
