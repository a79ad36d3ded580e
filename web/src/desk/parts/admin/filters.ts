import { computed, onScopeDispose, reactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * Filters that live in the address: what is typed is written there after a moment, so that a list can be linked to,
 * reloaded and gone back to. `asked` is what the address says now.
 */
export function useFilters<K extends string>(...keys: K[]) {
  const route = useRoute()
  const router = useRouter()
  const read = () => Object.fromEntries(keys.map((k) => [k, typeof route.query[k] === 'string' ? route.query[k] : ''])) as Record<K, string>
  const typed = reactive(read()) as Record<K, string>
  const asked = computed(read)
  const here = route.path

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(typed, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (route.path !== here) return
      const query = Object.fromEntries(Object.entries({ ...route.query, ...typed }).filter(([, v]) => v))
      void router.replace({ query })
    }, 250)
  })
  watch(asked, (now) => {
    if (route.path === here) Object.assign(typed, now)
  })
  onScopeDispose(() => clearTimeout(timer))
  /** Only what is set, as parameters of a request. */
  const given = computed(() => Object.fromEntries(Object.entries(asked.value).filter(([, v]) => v)) as Partial<Record<K, string>>)
  return { typed, given, any: computed(() => Object.keys(given.value).length > 0) }
}
