import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask, Refusal, type Schemas } from '@/shared/api/client'

export type Progress = Schemas['ProgressView']
export type Offer = Schemas['OfferView']

/** A case by its tracking code. It is asked about again every minute while somebody looks. */
export function useProgress(code: () => string) {
  return useQuery({
    queryKey: ['track', computed(code)],
    queryFn: () => ask(api.GET('/api/v1/track/{code}', { params: { path: { code: code() } } })),
    refetchInterval: 60_000,
  })
}

/** What the reporter does. The command's id is made once for each form, so that sending it again is once. */
export function useReporterAct(code: () => string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ offer, form, command }: { offer: Offer; form: Record<string, unknown>; command: string }) =>
      ask(
        api.POST('/api/v1/track/{code}/actions/{action}', {
          params: { path: { code: code(), action: offer.action } },
          body: { command, task: offer.task, form },
        }),
      ),
    onSuccess: (now) => queries.setQueryData(['track', code()], now),
    // somebody else has moved the case: it is shown where it is now, behind the form
    onError: (e) => void (e instanceof Refusal && !e.passing && queries.invalidateQueries({ queryKey: ['track', code()] })),
  })
}
