import { now } from '@/shared/time'
import { nextTick, onBeforeUnmount, onMounted, shallowRef, type Ref } from 'vue'
import { readFirst, type Row } from './caseList'
import { useFilterWords } from './filterWords'
import type { Filters } from './filters'

/** So many rows go on paper at once, some twenty sheets; what is longer is better exported. */
export const mostPrinted = 500

/** Prints a whole list: reads its rows first, for only those in sight are in the page. Ctrl+P does the same as the button. */
export function usePrint(filters: Ref<Filters>, inSight: () => { rows: Row[]; more: boolean }) {
  const describe = useFilterWords()
  const sheet = shallowRef<{ rows: Row[]; more: boolean; words: string; at: number }>()
  const busy = shallowRef(false)
  const error = shallowRef<unknown>(null)

  async function print() {
    if (busy.value) return
    busy.value = true
    error.value = null
    try {
      const [found, words] = await Promise.all([readFirst(filters.value, mostPrinted), describe(filters.value)])
      sheet.value = { ...found, words, at: now() }
      await nextTick()
      window.print()
    } catch (e) {
      error.value = e
    } finally {
      busy.value = false
    }
  }
  function key(event: KeyboardEvent) {
    if (event.key.toLowerCase() !== 'p' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
    event.preventDefault()
    void print()
  }
  // by the browser's own menu there is no time to read the rest; what is there is printed, and says that it is not all
  const atOnce = () => (sheet.value ??= { ...inSight(), words: '', at: now() })
  const done = () => (sheet.value = undefined)
  onMounted(() => {
    document.addEventListener('keydown', key)
    window.addEventListener('beforeprint', atOnce)
    window.addEventListener('afterprint', done)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('keydown', key)
    window.removeEventListener('beforeprint', atOnce)
    window.removeEventListener('afterprint', done)
  })
  return { sheet, busy, error, print }
}
