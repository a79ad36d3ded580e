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

const place = (store: 'local' | 'session') => (store === 'local' ? localStorage : sessionStorage)

/** What is remembered under a name; undefined when nothing readable is there. */
export function recall<T>(key: string, store: 'local' | 'session'): Partial<T> | undefined {
  try {
    return (JSON.parse(place(store).getItem(key) ?? 'null') as Partial<T> | null) ?? undefined
  } catch {
    return undefined
  }
}

export function note(key: string, value: object, store: 'local' | 'session') {
  try {
    place(store).setItem(key, JSON.stringify(value))
  } catch {
    // full or switched off: it lasts until the page is left
  }
}

/**
 * Something remembered on this device, the same in all its windows; with `session` in this window alone. Where storage is
 * switched off (private windows, some built-in browsers) it lasts until the page is left; `keeps` tells which.
 */
export function remembered<T extends object>(key: string, start: () => T, store: 'local' | 'session' = 'local') {
  const first: T = { ...start(), ...recall<T>(key, store) }
  const value = reactive(first) as T
  let hearing = false
  watch(value, () => hearing || note(key, value, store), { deep: true, flush: 'sync' })
  // there is no window where pages are drawn at the build
  if (store === 'local' && typeof window !== 'undefined')
    window.addEventListener('storage', (event) => {
      if (event.key !== key) return
      hearing = true
      Object.assign(value, start(), recall<T>(key, store))
      hearing = false
    })
  return value
}
