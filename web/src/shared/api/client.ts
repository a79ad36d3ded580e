import createClient from 'openapi-fetch'
import { takeAhead } from './ahead'
import type { components, paths } from './schema'
import { language } from '../i18n'
import { typeset } from '../i18n/punctuation'
import { serverSaid } from '../time'

export type Schemas = components['schemas']

/** A place of the input that is wrong, in the words of the server. */
export type WrongField = { field: string; code: string; message: string }

/** The server speaks the reader's language; Chinese is set in its own marks. */
const said = (text: string) => (language() === 'en' ? text : typeset(text))

/** What the server said when it refused (RFC 9457), or that it was not reached: then `status` is 0. */
export class Refusal extends Error {
  readonly detail: string
  readonly fields: WrongField[]

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    detail = '',
    fields: WrongField[] = [],
    readonly extra: unknown = undefined,
    readonly requestId = '',
    readonly retryAfter = 0,
  ) {
    super(said(message))
    this.detail = said(detail)
    this.fields = fields.map((f) => ({ ...f, message: said(f.message) }))
  }

  /** Nobody answered: no signal, or the server is being restarted. Sending again is safe. */
  get unreached() {
    return this.status === 0
  }

  /** The refusal may be gone when the same is sent again later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

export async function refusal(response: Response): Promise<Refusal> {
  const text = await response.text().catch(() => '')
  let body: Record<string, unknown> = {}
  try {
    body = JSON.parse(text) as Record<string, unknown>
  } catch {
    // a proxy's own page: the status has to do
  }
  const field = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '')
  return new Refusal(
    response.status,
    field('code') || `http-${response.status}`,
    field('title') || `HTTP ${response.status}`,
    field('detail'),
    Array.isArray(body['errors']) ? (body['errors'] as WrongField[]) : [],
    body['extra'],
    field('request_id'),
    Number(response.headers.get('Retry-After')) || 0,
  )
}

/** Asked to come when the session has ended in the middle of work; resolves when somebody signed in again. */
let signInAgain: (() => Promise<boolean>) | undefined
export function whenSessionEnds(ask: () => Promise<boolean>) {
  signInAgain = ask
}

async function send(request: Request): Promise<Response> {
  request.headers.set('Accept-Language', language())
  const again = request.clone()
  const response = await answered(() => takeAhead(request) ?? fetch(request))
  serverSaid(response.headers.get('Date'))
  if (response.status === 401 && signInAgain && !request.url.endsWith('/session') && (await signInAgain())) {
    return answered(() => fetch(again))
  }
  return response
}

async function answered(asked: () => Promise<Response>): Promise<Response> {
  try {
    return await asked()
  } catch (cause) {
    throw new Refusal(0, 'unreached', '', String(cause))
  }
}

/**
 * Bytes there or back, which the typed client does not carry: a photo, a workbook. With the session, the language and the
 * words of a refusal as everywhere; throws a Refusal unless it was done.
 */
export async function raw(address: string, init: RequestInit = {}): Promise<Response> {
  const response = await send(new Request(new URL(address, location.origin), { credentials: 'same-origin', ...init }))
  if (!response.ok) throw await refusal(response)
  return response
}

/** The typed client; `await ask(api.GET('/api/v1/…'))` gives the data or throws a Refusal. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: send, credentials: 'same-origin' })

export async function ask<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw problem(response, error)
  return data as T
}

function problem(response: Response, body: unknown): Refusal {
  const p = (typeof body === 'object' && body ? body : {}) as Partial<Schemas['Problem']>
  return new Refusal(
    response.status,
    p.code ?? `http-${response.status}`,
    p.title ?? `HTTP ${response.status}`,
    p.detail ?? '',
    (p.errors ?? []) as WrongField[],
    p.extra,
    p.request_id ?? '',
    Number(response.headers.get('Retry-After')) || 0,
  )
}
