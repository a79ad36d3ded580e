import { reactive, watch } from 'vue'

/** False where the browser keeps nothing: what was written lasts until the page is left, and people are told. */
export const keeps = (() => {
  try {
    localStorage.setItem('linli-keeps', '1')
    localStorage.removeItem('linli-keeps')
    return true
  } catch {
    return false
  }
})()

/**
 * Something remembered on this device. Where storage is switched off (private windows, some built-in browsers) it lasts
 * until the page is left; `kept` tells which.
 */
export function remembered<T extends object>(key: string, start: () => T, store: 'local' | 'session' = 'local') {
  const place = () => (store === 'local' ? localStorage : sessionStorage)
  let first = start()
  try {
    first = { ...first, ...(JSON.parse(place().getItem(key) ?? '{}') as Partial<T>) }
  } catch {
    // nothing readable is there
  }
  const value = reactive(first) as T
  watch(
    value,
    () => {
      try {
        place().setItem(key, JSON.stringify(value))
      } catch {
        // full or switched off: it lasts until the page is left
      }
    },
    { deep: true, flush: 'sync' },
  )
  return value
}
