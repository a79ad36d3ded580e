import { onScopeDispose, ref } from 'vue'

/** What the server tells as it happens (GET /api/v1/events). The browser resumes by itself where it was cut. */
export type Told = { kind: 'case' | 'alert' | 'models' | 'reset'; data: Record<string, unknown> }

export function useLive(told: (what: Told) => void) {
  const connected = ref(false)
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function open() {
    source = new EventSource('/api/v1/events')
    source.onopen = () => (connected.value = true)
    source.onerror = () => {
      connected.value = false
      // the browser tries again by itself unless it was told to stop; then we do, gently
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, 15_000)
    }
    for (const kind of ['case', 'alert', 'models', 'reset'] as const)
      source.addEventListener(kind, (e) =>
        told({ kind, data: JSON.parse((e as MessageEvent<string>).data || '{}') as Record<string, unknown> }),
      )
  }
  open()
  onScopeDispose(() => {
    clearTimeout(timer)
    source?.close()
  })
  return { connected }
}
