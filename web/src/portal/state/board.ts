import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, ask } from '@/shared/api/client'

/** The notice board of an area: who answers there, and how many matters are under way. */
export function useBoard(code: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['board', computed(() => toValue(code))],
    queryFn: () => ask(api.GET('/api/v1/notice-board/{code}', { params: { path: { code: toValue(code) } } })),
    enabled: () => toValue(code) !== '',
    staleTime: 300_000,
  })
}
