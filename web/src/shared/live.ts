import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { useSession } from './session'

/** What the server tells as it happens (GET /api/v1/events). */
export type Told = { kind: 'case' | 'alert' | 'models' | 'reset'; data: Record<string, unknown> }

const soonest = 5_000
const latest = 60_000

/**
 * Follows what happens from where who is signed in was read, and goes on where it was cut: the browser tries again by itself while only the line is down; where it
 * gave up (signed out, a proxy without its server), a new stream asks for what came after the last event heard. `on`: while it is
 * to be followed.
 */
export function useLive(told: (what: Told) => void, on: Ref<boolean> = ref(true)) {
  const connected = ref(false)
  const { me } = useSession()
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = soonest
  /** Id of the last event heard; at first what the server named with who is signed in, before anything else was read. */
  let place = ''
  let cut = false

  function open() {
    clearTimeout(timer)
    source?.close()
    place ||= me.value?.events ?? ''
    source = new EventSource(place ? `/api/v1/events?after=${encodeURIComponent(place)}` : '/api/v1/events')
    source.onerror = () => {
      connected.value = false
      cut = true
      if (source?.readyState !== EventSource.CLOSED) return
      // not all desks at the same moment
      timer = setTimeout(open, wait * (1 + Math.random() / 2))
      wait = Math.min(latest, wait * 2)
    }
    source.addEventListener('hello', (e) => {
      connected.value = true
      wait = soonest
      // without a place nothing of what was missed can be told; versions of models are compared only while a stream runs
      if (cut || !place) told({ kind: place ? 'models' : 'reset', data: {} })
      cut = false
      place = e.lastEventId || place
    })
    for (const kind of ['case', 'alert', 'models', 'reset'] as const)
      source.addEventListener(kind, (e) => {
        place = e.lastEventId || place
        told({ kind, data: JSON.parse(e.data || '{}') as Record<string, unknown> })
      })
  }
  /** There is a reason to think that it works now. */
  const again = () => {
    if (source?.readyState === EventSource.CLOSED && document.visibilityState === 'visible') open()
  }
  function close() {
    clearTimeout(timer)
    source?.close()
    source = undefined
    connected.value = false
    cut = true
  }
  watch(on, (yes) => (yes ? open() : close()), { immediate: true })
  watch(me, (who) => who && again())
  addEventListener('online', again)
  document.addEventListener('visibilitychange', again)
  onScopeDispose(() => {
    close()
    removeEventListener('online', again)
    document.removeEventListener('visibilitychange', again)
  })
  return { connected }
}
