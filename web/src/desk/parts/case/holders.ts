import { useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, ask } from '@/shared/api/client'
import { useSession } from '@/shared/session'
import { useAccess } from '../../access'

/**
 * A post with who holds it. Asked only by who may see people somewhere or holds it; where the server still says no, the post
 * stands without names.
 */
export function usePostView(post: Ref<{ post: string } | undefined>) {
  const access = useAccess()
  const { me } = useSession()
  const name = computed(() => post.value?.post)
  return useQuery({
    queryKey: computed(() => ['post', name.value]),
    queryFn: () => ask(api.GET('/api/v1/posts/{post}', { params: { path: { post: name.value! } } })),
    enabled: computed(() => !!name.value && (access.may('staff.read') || (me.value?.posts ?? []).some((p) => p.post === name.value))),
    staleTime: 30_000,
    retry: false,
  })
}
