import { watch } from 'vue'
import { anew, begun, draft } from './draft'

/** How long a window that is being loaded anew may take to let go of its report, milliseconds. */
const lettingGo = 1_000

/**
 * Two windows of one browser must not write the same report: sent from both, one would take the photos of the other. A
 * window holds its report until it closes; one that finds it held goes on with a copy of the words. Where the browser
 * has no locks it is told when it is sent, see sending.ts.
 */
export function meetWindows() {
  if (!navigator.locks) return
  let letGo = () => {}
  async function hold(id: string) {
    letGo()
    const held = new Promise<void>((done) => (letGo = done))
    const patience = new AbortController()
    setTimeout(() => patience.abort(), lettingGo)
    try {
      await navigator.locks.request(`linli-draft-${id}`, { signal: patience.signal }, () => held)
    } catch (cause) {
      if ((cause as DOMException).name === 'AbortError' && begun.value && draft.id === id) await anew(true)
    }
  }
  watch(() => draft.id, hold, { immediate: true })
}
