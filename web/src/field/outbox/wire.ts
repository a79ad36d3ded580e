import type { Wire } from './courier'
import type { Answer } from './verdict'

/** Bytes of one part of a photo: on a weak line little is lost when it breaks. */
export const part = 256 * 1024

/** How long an answer may take before it counts as not reached; a part of a photo gets longer. */
const patienceOf = { words: 30_000, part: 90_000 }

type Send = (path: string, init: RequestInit) => Promise<Response>

/** The wire over HTTP. `met` hears the server's Date of every answer; null when it was not reached. */
export function httpWire(send: Send, met: (date: string | null) => void, language: () => string): Wire {
  async function ask(path: string, init: RequestInit, most: number): Promise<Answer & { headers?: Headers }> {
    const stop = new AbortController()
    const timer = setTimeout(() => stop.abort(), most)
    try {
      const response = await send(path, {
        credentials: 'same-origin',
        cache: 'no-store',
        signal: stop.signal,
        ...init,
        headers: { 'Accept-Language': language(), ...(init.headers as Record<string, string> | undefined) },
      })
      met(response.headers.get('Date'))
      const text = init.method === 'HEAD' ? '' : await response.text()
      return {
        status: response.status,
        retryAfter: Number(response.headers.get('Retry-After')) || 0,
        body: parsed(text),
        headers: response.headers,
      }
    } catch {
      met(null)
      return { status: 0, retryAfter: 0, body: {} }
    } finally {
      clearTimeout(timer)
    }
  }

  const json = (method: string, body: unknown): RequestInit => ({
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

  return {
    report: (item, said) => ask('/api/v1/cases', json('POST', { ...item.form, id: item.id, reported_at: said }), patienceOf.words),

    act: (item, base) =>
      ask(
        `/api/v1/cases/${item.case}/actions/${encodeURIComponent(item.action ?? '')}`,
        json('POST', { command: item.id, ...(base ? { base } : {}), ...(item.task ? { task: item.task } : {}), form: item.form }),
        patienceOf.words,
      ),

    who: () => ask('/api/v1/me', { method: 'GET' }, patienceOf.words),

    look: (caseId) => ask(`/api/v1/cases/${caseId}`, { method: 'GET' }, patienceOf.words),

    async photo(item, bytes, came) {
      const name = item.photo?.name || 'photo.jpg'
      const use = item.photo?.use || 'evidence'
      const path = `/api/v1/cases/${item.case}/files/${item.id}`
      const query = new URLSearchParams({ name, use, public: String(use === 'before' || use === 'after') })
      const there = await ask(path, { method: 'HEAD' }, patienceOf.words)
      // a plain no comes without words here; the part itself gets it with them
      if (there.status === 0 || there.status === 401 || there.status === 429 || there.status >= 500) return { ...there, body: {} }
      if (there.headers?.get('Upload-Complete') === '?1') return { status: 200, retryAfter: 0, body: {} }
      let at = Number(there.headers?.get('Upload-Offset')) || 0
      let answer: Answer = { status: 0, retryAfter: 0, body: {} }
      for (let gaps = 0; ;) {
        // at the end of it all is there, and only making it whole failed: the last byte again asks for that
        const from = Math.min(at, bytes.size - 1)
        const to = Math.min(from + part, bytes.size) - 1
        const headers = { 'Content-Type': 'application/octet-stream', 'Content-Range': `bytes ${from}-${to}/${bytes.size}` }
        answer = await ask(`${path}?${query}`, { method: 'PUT', headers, body: bytes.slice(from, to + 1) }, patienceOf.part)
        const gap = (answer.body['extra'] as { have?: number } | undefined)?.have
        if (answer.status === 409 && answer.body['code'] === 'piece-gap' && gap !== undefined && gaps++ < 3) at = gap
        else if (answer.status === 202) at = Math.max(Number(answer.body['have']) || 0, to + 1)
        else return answer
        came(at)
      }
    },
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    return {} // a proxy's own page: the status has to do
  }
}
