import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, ask, type Schemas } from '@/shared/api/client'

export type Category = Schemas['CategoryView'] & { depth: number }

/** The tree of categories, also as one list in its order. It seldom changes. */
export function useCategories() {
  const tree = useQuery({ queryKey: ['categories'], queryFn: () => ask(api.GET('/api/v1/categories', {})), staleTime: Infinity })
  const flat = computed(() => {
    const out: Category[] = []
    const walk = (list: Schemas['CategoryView'][] | null | undefined, depth: number) => {
      for (const c of list ?? []) {
        out.push({ ...c, depth })
        walk(c.children, depth + 1)
      }
    }
    walk(tree.data.value?.categories, 0)
    return out
  })
  return { tree, flat }
}
