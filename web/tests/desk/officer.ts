import { randomBytes } from 'node:crypto'
import { password, type Page, type Server } from '../harness'

/** The grid of the sample county whose reports paidan sorts. */
export const grid = '320682001001001'

export type View = {
  id: string
  number: string
  version: number
  stage: string
  title: string
  ended?: string
  urgency: string
  watched: boolean
  supervised: boolean
  files: { id: string; name: string; use: string; size: number }[]
  actions: { action: string }[]
  tasks: { no: number; kind: string; state: string; post: { post: string } }[]
  timeline: { seq: number; action: string; data: { form?: Record<string, unknown> } }[]
}

/** A UUIDv7, as a client makes it. */
export function identifier(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** A resident's report that waits to be sorted. */
export function report(server: Server, text: string, place: Record<string, unknown> = { area: grid }) {
  const body = { id: identifier(), text, place, anonymous: true }
  return server.ask<{ id: string; number: string }>('/api/v1/cases', { method: 'POST', body })
}

export const view = (server: Server, ref: string, as = 'paidan') => server.ask<View>(`/api/v1/cases/${ref}`, { as })

/** What another officer does meanwhile. */
export async function act(server: Server, ref: string, action: string, form: Record<string, unknown>, as = 'paidan') {
  const now = await view(server, ref, as)
  await server.ask(`/api/v1/cases/${now.id}/actions/${action}`, {
    as,
    method: 'POST',
    body: { command: identifier(), base: now.version, form },
  })
}

/** Signs the browser in; the form is tried by a test of its own. */
export async function signIn(page: Page, server: Pick<Server, 'url'>, login: string) {
  const answer = await page.request.post(`${server.url}/api/v1/session`, { data: { login, password }, headers: { Origin: server.url } })
  if (!answer.ok()) throw new Error(`${login}: ${answer.status()} ${await answer.text()}`)
}
