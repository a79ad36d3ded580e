/**
 * Questions that were sent to the server while the program of the page was still on its way. The first that asks the
 * same gets the answer; what nobody asks for is forgotten.
 */
const sent = new Map<string, Promise<Response>>()
const keptFor = 20_000

const key = (url: string, language: string) => `${language} ${url}`

/** Sends a GET for an address of this server. A failure is told to whoever takes the answer. */
export function askAhead(path: string, language: string) {
  const answer = fetch(path, { headers: { 'Accept-Language': language }, credentials: 'same-origin' })
  answer.catch(() => undefined)
  const of = key(new URL(path, location.origin).href, language)
  sent.set(of, answer)
  setTimeout(() => sent.delete(of), keptFor)
}

/** The answer to a request, when it was sent ahead. */
export function takeAhead(request: Request): Promise<Response> | undefined {
  if (sent.size === 0 || request.method !== 'GET') return undefined
  const of = key(request.url, request.headers.get('Accept-Language') ?? '')
  const answer = sent.get(of)
  sent.delete(of)
  return answer
}
