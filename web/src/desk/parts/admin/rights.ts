import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/shared/api/client'
import { useSession } from '@/shared/session'

/** Roles and permissions change only with a new version of the program's file. */
export function useRoles() {
  return useQuery({ queryKey: ['roles'], queryFn: () => ask(api.GET('/api/v1/roles')), staleTime: 10 * 60_000 })
}

/**
 * What the person who is signed in may do, as far as a screen must know to show or hide a control. The server decides
 * again on every request.
 */
export function useRights() {
  const { me } = useSession()
  const { data } = useRoles()
  const grants = computed(() =>
    (me.value?.posts ?? []).map((p) => {
      const [key, place] = p.post.split('@') as [string, string]
      return { path: place === '*' ? '/' : p.path, may: data.value?.roles?.find((r) => r.key === key)?.may ?? [] }
    }),
  )
  /** With a path: there; without: somewhere. */
  const may = (permission: string, path?: string) =>
    grants.value.some((g) => g.may.includes(permission) && (path === undefined || path.startsWith(g.path)))
  return { may, known: computed(() => data.value !== undefined) }
}
