import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, ask } from '@/shared/api/client'
import { say } from '@/shared/i18n'
import { useRoles } from './rights'

/** A post in words: its role's title, and the name of its place (asked once, then remembered for a while). */
export function usePost(post: MaybeRefOrGetter<string>) {
  const parts = computed(() => toValue(post).split('@') as [string, string])
  const { data: roles } = useRoles()
  const role = computed(() => roles.value?.roles?.find((r) => r.key === parts.value[0]))
  const ofOrg = computed(() => role.value?.at?.includes('org') ?? false)
  const { data: place } = useQuery({
    queryKey: computed(() => ['place-name', parts.value[1], ofOrg.value]),
    enabled: computed(() => role.value !== undefined && parts.value[1] !== '*'),
    staleTime: 5 * 60_000,
    queryFn: async () => {
      const path = { code: parts.value[1] }
      return ofOrg.value
        ? (await ask(api.GET('/api/v1/organisations/{code}', { params: { path } }))).name
        : (await ask(api.GET('/api/v1/areas/{code}', { params: { path } }))).name
    },
  })
  return {
    title: computed(() => (role.value ? say(role.value.title) : parts.value[0])),
    place: computed(() => place.value ?? ''),
    code: computed(() => parts.value[1]),
    ofOrg,
  }
}
