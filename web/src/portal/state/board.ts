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

/** An area itself: where it lies and what it belongs to. */
export function useArea(code: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: ['area', computed(() => toValue(code))],
    queryFn: () => ask(api.GET('/api/v1/areas/{code}', { params: { path: { code: toValue(code) } } })),
    staleTime: 600_000,
    retry: false,
  })
}
