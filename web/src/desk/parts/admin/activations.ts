import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { api, ask, Refusal, type Schemas } from '@/shared/api/client'
import { t } from '@/shared/i18n'

export type Change = Schemas['CaseworkModelChange']
export type Activation = Schemas['CaseworkActivation']

/** The name as it was then; what the program itself did is told in the reader's language. */
export const decider = (change: Change) => (change.account === 'system' ? t('timeline.by.system') : change.by)

/** Which versions of a model counted from when. `name` empty: there is none yet. */
export function useActivations(name: () => string) {
  return useQuery({
    queryKey: computed(() => ['activations', name()]),
    enabled: computed(() => name() !== ''),
    queryFn: () => ask(api.GET('/api/v1/models/{id}/activations', { params: { path: { id: name() } } })),
  })
}

/**
 * A decision about a model, based on what was seen of it when the decision was begun. When another administrator was faster nothing is done:
 * `meanwhile` has what came, and the next try knows of it.
 */
export function useTurn(seen: number, send: (base: number, reason: string) => Promise<{ change: Change }>, done: (change: Change) => void) {
  const queries = useQueryClient()
  const base = ref(seen)
  const meanwhile = ref<Change[]>([])
  const anew = () => Promise.all(['models', 'model', 'activations'].map((k) => queries.invalidateQueries({ queryKey: [k] })))
  const run = useMutation({
    mutationFn: (reason: string) => send(base.value, reason),
    onSuccess: ({ change }) => {
      meanwhile.value = []
      void anew()
      done(change)
    },
    onError: (e) => {
      if (!(e instanceof Refusal) || e.code !== 'stale-model') return
      const { revision, since } = e.extra as { revision: number; since: Change[] | null }
      base.value = revision
      meanwhile.value = since ?? []
      void anew()
    },
  })
  return { run, meanwhile }
}
