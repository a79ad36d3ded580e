import { useQuery } from '@tanstack/vue-query'
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import { api, ask, type Schemas } from '@/shared/api/client'
import { language, say } from '@/shared/i18n'

export type Category = Schemas['CategoryView'] & { depth: number }

/** The tree of categories, also as one list in its order. It seldom changes. */
export function useCategories(wanted: () => boolean = () => true) {
  const tree = useQuery({
    queryKey: ['categories'],
    queryFn: () => ask(api.GET('/api/v1/categories', {})),
    staleTime: Infinity,
    enabled: wanted,
  })
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

const names: InjectionKey<ComputedRef<Map<string, string>>> = Symbol('category names')

/** A case comes with the name of its category in Chinese; in English the tree says how it is called. */
export function provideCategoryNames() {
  const { flat } = useCategories(() => language() === 'en')
  provide(
    names,
    computed(() => new Map(flat.value.map((c) => [c.code, say(c.title)]))),
  )
}

/** The name of a case's category in the reader's language; empty where it has none. */
export function useCategoryName() {
  const known = inject(names, undefined)
  return (it: { category?: string; category_name?: string }) => known?.value.get(it.category ?? '') ?? it.category_name ?? ''
}
