import { useQuery } from '@tanstack/vue-query'
import { api, ask } from '@/shared/api/client'

/** What this installation is: its place and where a map begins. It changes hardly ever. */
export function useAbout() {
  const { data } = useQuery({ queryKey: ['about'], queryFn: () => ask(api.GET('/api/v1/about')), staleTime: 3_600_000 })
  return data
}
