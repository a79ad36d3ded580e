// Starts the app without signal: keeps the files of its own build, and nothing else. What people wrote is in the app's
// database, never here; the API is never cached.
const worker = self as unknown as ServiceWorkerGlobalScope
/** Written by the build: the files of the field app, and a name that changes with any of them. */
declare const __FIELD_FILES__: string[]
declare const __FIELD_BUILD__: string

const kept = `linli-field-${__FIELD_BUILD__}`
const page = '/field/'
const files = __FIELD_FILES__

worker.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(kept)
      const have = new Set((await cache.keys()).map((r) => new URL(r.url).pathname))
      // files whose names carry their content are taken over from the build before: only what is new is fetched
      for (const file of files) {
        if (have.has(file)) continue
        const before = file.startsWith('/assets/') ? await caches.match(file) : undefined
        await cache.put(file, before ?? (await fetched(file)))
      }
    })(),
  )
})

async function fetched(file: string): Promise<Response> {
  const response = await fetch(file, { cache: 'no-cache' })
  if (!response.ok) throw new Error(`${file}: ${response.status}`)
  return response
}

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith('linli-field-') && name !== kept) await caches.delete(name)
      await worker.clients.claim()
    })(),
  )
})

worker.addEventListener('message', (event) => {
  if (event.data === 'take-over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return
  if (request.mode === 'navigate') {
    if (url.pathname.startsWith(page)) event.respondWith(caches.match(page).then((hit) => hit ?? fetch(request)))
    return
  }
  if (files.includes(url.pathname)) event.respondWith(caches.match(url.pathname).then((hit) => hit ?? fetch(request)))
})

export {}
