import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask } from '@/shared/api/client'
import { useSession } from '@/shared/session'

/** What my posts permit, so that nobody is led to a screen that would refuse them. The server decides; this only spares a way. */
export function useAccess() {
  const session = useSession()
  const roles = useQuery({
    queryKey: ['roles'],
    queryFn: () => ask(api.GET('/api/v1/roles')),
    staleTime: Infinity,
    enabled: session.signedIn,
  })
  const permissions = computed(() => {
    const mine = new Set((session.me.value?.posts ?? []).map((p) => p.post.split('@')[0]))
    return new Set((roles.data.value?.roles ?? []).filter((r) => mine.has(r.key)).flatMap((r) => r.may ?? []))
  })
  return {
    permissions,
    ready: computed(() => roles.isSuccess.value || roles.isError.value),
    may: (...any: string[]) => any.length === 0 || any.some((p) => permissions.value.has(p)),
  }
}
