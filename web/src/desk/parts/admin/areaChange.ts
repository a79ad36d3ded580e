import { useMutation, useQueryClient } from '@tanstack/vue-query'
import type { Schemas } from '@/shared/api/client'

export type Seen = Schemas['AreaView']

/** The revision that was seen: a change is refused when somebody changed the area meanwhile. */
export const seen = (a: { version: number }) => ({ 'If-Match': `"${a.version}"` })

/** A change of the tree. After it, everything shown of areas and posts is asked for anew. */
export function useTreeChange<V>(change: (values: V) => Promise<unknown>, done: () => void) {
  const queries = useQueryClient()
  const anew = () =>
    Promise.all(
      ['areas', 'area', 'organisations', 'organisation', 'team', 'place-name', 'vacancies', 'setup'].map((k) =>
        queries.invalidateQueries({ queryKey: [k] }),
      ),
    )
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await anew()
      done()
    },
    // a refusal may come from a revision that is old by now
    onError: () => void anew(),
  })
}
