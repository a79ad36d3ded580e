import { computed, shallowRef, watch, type Ref } from 'vue'
import type { Row } from './caseList'

/** As many cases as the server takes in one go. */
export const mostAtOnce = 200

/** Cases somebody has ticked. They are kept as they were seen last, also when they are scrolled out of memory. */
export function useSelection(held: Ref<Row[]>) {
  const chosen = shallowRef(new Map<string, Row>())
  const ids = computed<ReadonlySet<string>>(() => new Set(chosen.value.keys()))
  // who acts on a case acts on what it is now, not on what it was when it was ticked
  watch(held, (rows) => {
    const fresh = rows.filter((r) => chosen.value.has(r.id) && chosen.value.get(r.id) !== r)
    if (fresh.length) chosen.value = new Map([...chosen.value, ...fresh.map((r) => [r.id, r] as const)])
  })
  const set = (rows: Iterable<Row>) => (chosen.value = new Map([...rows].slice(0, mostAtOnce).map((r) => [r.id, r])))
  return {
    chosen,
    ids,
    full: computed(() => chosen.value.size >= mostAtOnce),
    everything: computed(() => held.value.length > 0 && held.value.slice(0, mostAtOnce).every((r) => chosen.value.has(r.id))),
    set,
    keep: (some: string[]) => set([...chosen.value.values()].filter((r) => some.includes(r.id))),
    toggle(row: Row) {
      const next = new Map(chosen.value)
      if (!next.delete(row.id) && next.size < mostAtOnce) next.set(row.id, row)
      chosen.value = next
    },
    clear: () => (chosen.value = new Map()),
  }
}
