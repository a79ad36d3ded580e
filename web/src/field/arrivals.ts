import { computed, onScopeDispose, ref, watch } from 'vue'
import { useLive } from '@/shared/live'
import { useField } from './field'

/**
 * While the app is looked at and the server is reached, what happens is heard and taken along at once; `fresh` are the cases that
 * came to hand meanwhile, until somebody has looked. Without a stream the app asks now and then, as ever.
 */
export function useArrivals() {
  const field = useField()
  const shown = ref(document.visibilityState === 'visible')
  const fresh = ref<string[]>([])
  const look = () => (shown.value = document.visibilityState === 'visible')
  document.addEventListener('visibilitychange', look)

  let timer: ReturnType<typeof setTimeout> | undefined
  function soon() {
    timer ??= setTimeout(() => {
      timer = undefined
      if (field.refreshing.value) soon()
      else void field.refresh()
    }, 1_000)
  }
  useLive(
    (what) => what.kind !== 'alert' && soon(),
    computed(() => shown.value && field.reached.value && !field.expired.value && !!field.account.value),
  )
  watch(field.pack, (now, before) => {
    const had = new Set((before?.tasks ?? []).map((c) => c.id))
    const have = (now?.tasks ?? []).map((c) => c.id)
    fresh.value = fresh.value.filter((id) => have.includes(id))
    // what was taken along at the start is not news
    if (before) fresh.value.push(...have.filter((id) => !had.has(id) && !fresh.value.includes(id)))
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  })
  return { fresh, seen: () => (fresh.value = []) }
}
