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
  // a page that came is added to what was there; going through all of them again would be felt when they are many
  let pages: unknown[] = []
  let seen = new Set<string>()
  let known: Row[] = []
  const rows = computed<Row[]>(() => {
    const now = list.data.value?.pages ?? []
    if (now.length < pages.length || pages.some((p, i) => p !== now[i])) {
      pages = []
      seen = new Set()
      known = []
    }
    const fresh: Row[] = []
    for (const page of now.slice(pages.length))
      for (const row of page.cases ?? []) {
        // a case that moved between two pages while they were read is shown once
        if (seen.has(row.id)) continue
        seen.add(row.id)
        fresh.push(row)
      }
    pages = [...now]
    return (known = fresh.length ? known.concat(fresh) : known)
  })
  return { list, rows }
}
