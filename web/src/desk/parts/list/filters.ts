import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Schemas } from '@/shared/api/client'
import type { operations } from '@/shared/api/schema'
import { say, t } from '@/shared/i18n'

/** What a worklist shows. It is the query of the address, so that a list can be kept, sent and come back to. */
export const filterNames = [
  'scope',
  'state',
  'decision',
  'q',
  'area',
  'category',
  'urgency',
  'unit',
  'channel',
  'kind',
  'model',
  'stage',
  'post',
  'from',
  'to',
  'sort',
] as const
export type FilterName = (typeof filterNames)[number]
export type Filters = Partial<Record<FilterName, string>>
export type ListQuery = NonNullable<operations['list-cases']['parameters']['query']>

/** Those a reader can clear; scope and order are always something. */
const clearable = filterNames.filter((n) => !['scope', 'sort'].includes(n))

export function readFilters(query: Record<string, unknown>): Filters {
  const out: Filters = {}
  for (const name of filterNames) {
    const value = query[name]
    if (typeof value === 'string' && value) out[name] = value
  }
  return out
}

/** The filters as the server takes them: days become moments, the last day is whole. */
export function asked(filters: Filters): ListQuery {
  const { from, to, ...rest } = filters
  const out: ListQuery = { scope: 'mine', state: 'open', ...(rest as ListQuery) }
  if (from) out.from = `${from}T00:00:00+08:00`
  if (to) out.to = new Date(Date.parse(`${to}T00:00:00+08:00`) + 86_400_000).toISOString()
  return out
}

export function asQueryString(filters: Filters): string {
  const set = filterNames.flatMap((n): [string, string][] => (filters[n] ? [[n, filters[n]]] : []))
  return new URLSearchParams(set).toString()
}

/** Stages to narrow by, of one model or of all, each once: what models call differently stands side by side. */
export function stagesOf(models: Schemas['ListedModel'][] | null | undefined, model?: string): { name: string; title: string }[] {
  const titles = new Map<string, Set<string>>()
  for (const m of models ?? [])
    if (!model || m.name === model) for (const s of m.stages ?? []) titles.set(s.name, (titles.get(s.name) ?? new Set()).add(say(s.title)))
  return [...titles].map(([name, said]) => ({ name, title: [...said].join(t('desk.list.or')) }))
}

/** One of my posts in words. Nobody lists the work of others, so that of another stands as it is written. */
export function postName(mine: Schemas['PostView'][], post?: string): string {
  const found = mine.find((p) => p.post === post)
  return found ? `${found.place} ${say(found.title)}` : (post ?? '')
}

/** What is mine to do is open, and only of it one can ask for one of my posts, or whether it waits for a decision. */
function fitting(filters: Filters): Filters {
  const out = { ...filters }
  const mine = (out.scope ?? 'mine') === 'mine'
  if (!mine) {
    delete out.decision
    delete out.post
  }
  if (mine && (out.state === 'ended' || out.state === 'all')) delete out.state
  return out
}

export function useFilters(preset: Filters = {}): {
  filters: ComputedRef<Filters>
  set: (change: Filters) => void
  clear: () => void
  narrowed: ComputedRef<number>
} {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => ({ ...preset, ...readFilters(route.query) }))
  const go = (wanted: Filters) => {
    const next = fitting(wanted)
    const query = Object.fromEntries(Object.entries(next).filter(([k, v]) => v && preset[k as FilterName] !== v))
    void router.replace({ path: route.path, query })
  }
  return {
    filters,
    set: (change) => go({ ...filters.value, ...change }),
    clear: () => go({ scope: filters.value.scope, sort: filters.value.sort }),
    narrowed: computed(
      () =>
        clearable.filter((n) => filters.value[n] && filters.value[n] !== preset[n] && !(n === 'state' && filters.value[n] === 'open'))
          .length,
    ),
  }
}
