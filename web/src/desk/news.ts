import { useQueryClient } from '@tanstack/vue-query'
import { inject, onScopeDispose, provide, type InjectionKey, type Ref } from 'vue'
import { useLive, type Told } from '@/shared/live'

type Listener = (what: Told) => void
type News = { connected: Ref<boolean>; listeners: Set<Listener> }
const key: InjectionKey<News> = Symbol('news')

/** One stream for the whole desk. Counts and alerts are read anew by themselves; screens decide what they do with the rest. */
export function provideNews() {
  const queries = useQueryClient()
  const listeners = new Set<Listener>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const { connected } = useLive((what) => {
    listeners.forEach((l) => l(what))
    // another version of a governance model counts: for new cases, and to be told where one that goes on is open
    if (what.kind === 'models' || what.kind === 'reset')
      for (const key of ['models', 'model', 'activations', 'case']) void queries.invalidateQueries({ queryKey: [key] })
    // a burst of changes is one reading
    timer ??= setTimeout(() => {
      timer = undefined
      void queries.invalidateQueries({ queryKey: ['counts'] })
      void queries.invalidateQueries({ queryKey: ['alerts'] })
    }, 1_000)
  })
  onScopeDispose(() => clearTimeout(timer))
  provide(key, { connected, listeners })
  return { connected }
}

export function useNews(told: Listener) {
  const news = inject(key)
  news?.listeners.add(told)
  onScopeDispose(() => news?.listeners.delete(told))
}
