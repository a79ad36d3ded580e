import { useInfiniteQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/shared/api/client'
import { language } from '@/shared/i18n'

export type Filter = { q?: string; area?: string; category?: string; page_size?: number }

/** Published results, page by page. A page may be short and still have a next one. */
export function useResults(filter: () => Filter, enabled: () => boolean = () => true) {
  const query = useInfiniteQuery({
    queryKey: ['results', computed(filter), computed(language)],
    queryFn: ({ pageParam }) =>
      ask(api.GET('/api/v1/public/cases', { params: { query: { ...filter(), ...(pageParam ? { after: pageParam } : {}) } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    enabled,
    staleTime: 60_000,
  })
  return { ...query, results: computed(() => query.data.value?.pages.flatMap((p) => p.cases ?? []) ?? []) }
}

/** What is public of matters under way, page by page. */
export function useOpenMatters(filter: () => Filter, enabled: () => boolean = () => true) {
  const query = useInfiniteQuery({
    queryKey: ['under-way', computed(filter), computed(language)],
    queryFn: ({ pageParam }) =>
      ask(
        api.GET('/api/v1/public/cases', { params: { query: { state: 'open', ...filter(), ...(pageParam ? { after: pageParam } : {}) } } }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
    enabled,
    staleTime: 60_000,
  })
  return { ...query, matters: computed(() => query.data.value?.pages.flatMap((p) => p.open ?? []) ?? []) }
}
