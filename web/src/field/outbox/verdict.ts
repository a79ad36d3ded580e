import type { Entry, Reason } from './item'

/** What the server made of a request, or that it was not reached (status 0). */
export type Answer = {
  status: number
  /** Seconds of Retry-After; 0 when it gave none. */
  retryAfter: number
  body: Record<string, unknown>
}

export type Verdict =
  | { is: 'sent' }
  /** Again later; `after` in ms when the server said when. */
  | { is: 'later'; after?: number; reason?: Reason; all: boolean }
  /** Somebody has to sign in first; nothing else can be sent either. */
  | { is: 'signIn' }
  /** Others changed the case meanwhile. */
  | { is: 'stale'; since: Entry[] }
  | { is: 'refused'; reason: Reason }

/** Reads an answer. Whatever may be better the next time is tried again; only a plain no is given to the worker. */
export function verdict(answer: Answer): Verdict {
  const { status, body } = answer
  const after = answer.retryAfter > 0 ? answer.retryAfter * 1000 : undefined
  if (status >= 200 && status < 300) return { is: 'sent' }
  if (status === 0) return { is: 'later', all: true }
  if (status === 401) return { is: 'signIn' }
  if (status === 429 && body['code'] === 'data-budget') return { is: 'later', after, reason: reasonOf(answer), all: false }
  // 500 may be this one's fault only: the others go on
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { is: 'later', after, reason: reasonOf(answer), all: status !== 500 }
  if (status === 409 && body['code'] === 'stale-version') {
    const extra = body['extra'] as { since?: Entry[] } | undefined
    return { is: 'stale', since: extra?.since ?? [] }
  }
  return { is: 'refused', reason: reasonOf(answer) }
}

function reasonOf({ status, body }: Answer): Reason {
  const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '')
  return {
    code: text('code') || `http-${status}`,
    title: text('title') || `HTTP ${status}`,
    ...(text('detail') ? { detail: text('detail') } : {}),
    ...(Array.isArray(body['errors']) ? { fields: body['errors'] as NonNullable<Reason['fields']> } : {}),
  }
}
