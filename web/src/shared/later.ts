import { computed, onMounted, ref, watch, type ComputedRef, type Ref } from 'vue'
import { drawn, nextTurn } from './turn'

/** True some turns after the component was drawn: for what stands further down. */
export function useLater(turns = 1): Ref<boolean> {
  const later = ref(false)
  onMounted(async () => {
    for (let n = 0; n < turns; n++) await nextTurn()
    later.value = true
  })
  return later
}

/**
 * A page that comes in steps, each when the one before is on the screen. Who comes back to where they were on it gets all
 * at once, so that it is as long as it was.
 */
export function useSteps(most: number): Ref<number> {
  const back = !!(history.state as { scroll?: unknown } | null)?.scroll
  const step = ref(back ? most : 0)
  onMounted(async () => {
    while (step.value < most) {
      await drawn()
      step.value++
    }
  })
  return step
}

/** A list that appears in pieces, a turn of the browser for each, so that a long one does not block a slow phone. */
export function useInPieces<T>(list: () => T[], piece = 3): ComputedRef<T[]> {
  const shown = ref(piece)
  let going = false
  watch(
    () => list().length,
    async () => {
      if (going) return
      going = true
      for (; shown.value < list().length; shown.value += piece) await nextTurn()
      going = false
    },
    { immediate: true },
  )
  return computed(() => list().slice(0, shown.value))
}
