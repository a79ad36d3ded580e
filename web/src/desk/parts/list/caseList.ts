import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, type Schemas } from '@/shared/api/client'
import { asked, type Filters } from './filters'

export type Row = Schemas['CaseRow']
const pageSize = 100

/** A worklist, page by page as far as somebody scrolls. Its rows are not made reactive one by one: they may be very many. */
export function useCaseList(filters: Ref<Filters>, enabled: Ref<boolean> | boolean = true, asKnown = false) {
  const list = useInfiniteQuery({
    queryKey: computed(() => ['cases', asked(filters.value)]),
    queryFn: ({ pageParam, signal }) =>
      ask(api.GET('/api/v1/cases', { params: { query: { ...asked(filters.value), page_size: pageSize, after: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next || undefined,
    structuralSharing: false,
    shallow: true,
    enabled,
    // beside a case the list stays as it was left, so that next and previous mean what the reader saw
    refetchOnMount: !asKnown,
    refetchOnWindowFocus: false,
  })
  const rows = computed<Row[]>(() => {
    const seen = new Set<string>()
    // a case that moved between two pages while they were read is shown once
    return (list.data.value?.pages ?? []).flatMap((p) => p.cases ?? []).filter((r) => !seen.has(r.id) && seen.add(r.id))
  })
  return { list, rows }
}
