import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask, type Schemas } from '@/shared/api/client'

export type Case = Schemas['CaseView']
export type Offer = Schemas['OfferView']
export type Task = Schemas['TaskView']
export type Entry = Schemas['EntryView']

/** The hand-overs that are open now, the one that answers for the case first. */
export const openTasks = (c: Case): Task[] =>
  c.ended ? [] : (c.tasks ?? []).filter((k) => !k.closed_at).sort((a, b) => Number(b.responsible) - Number(a.responsible))

export function readCase(ref: string) {
  return ask(api.GET('/api/v1/cases/{ref}', { params: { path: { ref } } }))
}

/** A case with what I may do now. The one before stays in sight while the next is read. */
export function useCase(ref: Ref<string>) {
  return useQuery({ queryKey: computed(() => ['case', ref.value]), queryFn: () => readCase(ref.value), staleTime: 5_000 })
}

/** Its governance model; somebody without the right to read models gets along without. */
export function useModel(id: Ref<string | undefined>) {
  return useQuery({
    queryKey: computed(() => ['model', id.value]),
    queryFn: () => ask(api.GET('/api/v1/models/{id}', { params: { path: { id: id.value! } } })),
    enabled: computed(() => !!id.value),
    staleTime: Infinity,
    retry: false,
  })
}
