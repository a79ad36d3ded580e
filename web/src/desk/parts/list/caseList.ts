import { useQueries, useQueryClient, type QueryClient } from '@tanstack/vue-query'
import { computed, ref, shallowRef, unref, watch, type Ref } from 'vue'
import { api, ask, type Schemas } from '@/shared/api/client'
import { asked, type Filters, type ListQuery } from './filters'

export type Row = Schemas['CaseRow']
const pageSize = 100
/** So many rows before they come into sight their page is asked for. */
const ahead = 30
const kept = 10 * 60_000

/** Where a page of a list begins: after which place in its order, and how many rows are before it. */
type Start = { after: string; at: number }
type Page = { list: string; after: string; cases: Row[]; next: string }

const pageKey = (query: ListQuery, after: string) => ['cases', query, after]
const startsKey = (query: ListQuery) => ['case-pages', query]
const placeKey = (query: ListQuery) => ['case-pages', query, 'place']

async function read(query: ListQuery, after: string, signal?: AbortSignal): Promise<Page> {
  const page = await ask(
    api.GET('/api/v1/cases', { params: { query: { ...query, page_size: pageSize, after: after || undefined } }, signal }),
  )
  return { list: JSON.stringify(query), after, cases: page.cases ?? [], next: page.next ?? '' }
}

/** The first rows of a list, at most so many, and whether there are more: for what is not scrolled, such as a print. */
export async function readFirst(filters: Filters, most: number): Promise<{ rows: Row[]; more: boolean }> {
  const rows: Row[] = []
  for (let after = ''; ;) {
    const page = await read(asked(filters), after)
    rows.push(...page.cases)
    after = page.next
    if (!after || rows.length >= most) return { rows: rows.slice(0, most), more: after !== '' || rows.length > most }
  }
}

/** Of the pages that were found so far only the starts are kept; they let any page be read again. */
function startsOf(queries: QueryClient, query: ListQuery): Start[] {
  return queries.getQueryData<Start[]>(startsKey(query)) ?? [{ after: '', at: 0 }]
}

/**
 * A worklist of any length. Only the pages around the rows in sight are held and kept fresh; each page is a query of its own, so what
 * is scrolled away leaves the memory after a while and is read again when it comes back into sight. How far the list goes is found out
 * page by page. Beside a case (asKnown) the list stays as it was left, so that next and previous mean what the reader saw; who comes back
 * (resume) finds it where it was.
 */
export function useCaseList(filters: Ref<Filters>, how: { enabled?: Ref<boolean>; asKnown?: boolean; resume?: boolean } = {}) {
  const { enabled = true, asKnown = false } = how
  const queries = useQueryClient()
  const query = computed(() => asked(filters.value))
  const name = computed(() => JSON.stringify(query.value))
  /** The row that was on top when this list was left, for who comes back to it. */
  const left = how.resume ? (queries.getQueryData<number>(placeKey(query.value)) ?? 0) : 0
  const sight = ref({ from: left, until: left })
  const starts = shallowRef(startsOf(queries, query.value))
  watch(
    name,
    () => {
      sight.value = { from: 0, until: 0 }
      starts.value = startsOf(queries, query.value)
    },
    { flush: 'sync' },
  )

  const wanted = computed(() => {
    const from = Math.max(0, sight.value.from - ahead)
    const until = sight.value.until + ahead
    return starts.value.filter((s, i) => s.at <= until && (starts.value[i + 1]?.at ?? Infinity) > from).map((s) => s.after)
  })
  const results = useQueries({
    queries: computed(() =>
      wanted.value.map((after) => ({
        queryKey: pageKey(query.value, after),
        queryFn: ({ signal }: { signal: AbortSignal }) => read(query.value, after, signal),
        structuralSharing: false,
        enabled: unref(enabled),
        gcTime: kept,
        refetchOnMount: !asKnown,
        refetchOnWindowFocus: false,
      })),
    ),
    shallow: true,
  })
  const pages = computed(() => {
    const held = new Map<string, Page>()
    for (const r of results.value) {
      const page = r.data as Page | undefined
      if (page?.list === name.value) held.set(page.after, page)
    }
    return held
  })

  // what a page says about the next one is right now; what was known before may have moved
  watch(
    pages,
    (held) => {
      let known = starts.value
      for (const page of held.values()) {
        const i = known.findIndex((s) => s.after === page.after)
        if (i < 0) continue
        const at = known[i]!.at + page.cases.length
        const next = known[i + 1]
        if (page.next ? next?.after === page.next && next.at === at : !next) continue
        known = known.slice(0, i + 1)
        if (page.next) known.push({ after: page.next, at })
      }
      if (known === starts.value) return
      starts.value = known
      queries.setQueryDefaults(['case-pages'], { gcTime: kept })
      queries.setQueryData(startsKey(query.value), known)
    },
    { immediate: true },
  )

  const last = computed(() => starts.value.at(-1)!)
  const end = computed(() => pages.value.get(last.value.after))
  /** The rows known to be there. */
  const count = computed(() => last.value.at + (end.value?.cases.length ?? 0))
  const more = computed(() => (end.value ? end.value.next !== '' : last.value.at > 0))

  /** The row at a place of the list; undefined while its page is being read. */
  function row(index: number): Row | undefined {
    const i = starts.value.findLastIndex((s) => s.at <= index)
    const start = starts.value[i]
    return start && pages.value.get(start.after)?.cases[index - start.at]
  }
  /** Where a case stands among the pages that are still in memory; -1 when in none. */
  function find(number: string): number {
    for (const start of starts.value) {
      const page = queries.getQueryData<Page>(pageKey(query.value, start.after))
      const i = page?.cases.findIndex((r) => r.number === number) ?? -1
      if (i >= 0) return start.at + i
    }
    return -1
  }
  /** Begins anew from the top. */
  async function refresh() {
    queries.removeQueries({ queryKey: ['cases'], type: 'inactive' })
    queries.removeQueries({ queryKey: ['case-pages'] })
    sight.value = { from: 0, until: 0 }
    starts.value = [{ after: '', at: 0 }]
    await queries.resetQueries({ queryKey: pageKey(query.value, '') })
  }
  const wrong = computed(() => results.value.find((r) => r.isError))
  return {
    /** Says which rows are in sight; the pages around them are read. */
    look: (from: number, until: number) => {
      if (sight.value.from !== from || sight.value.until !== until) sight.value = { from, until }
    },
    left,
    leave: (first: number) => queries.setQueryData(placeKey(query.value), first),
    count,
    more,
    row,
    find,
    /** The rows in memory around what is in sight. */
    held: computed(() => [...pages.value.values()].flatMap((p) => p.cases)),
    pending: computed(() => count.value === 0 && !pages.value.size && !wrong.value),
    error: computed(() => wrong.value?.error ?? null),
    again: () => wrong.value?.refetch(),
    refresh,
  }
}
