import { useQueryClient } from '@tanstack/vue-query'
import { api, ask } from '@/shared/api/client'
import { say, t } from '@/shared/i18n'
import { useSession } from '@/shared/session'
import { asked, postName, stagesOf, type Filters } from './filters'

/** The conditions of a list as words, for a print: 状态 在办 · 地方 迎新社区. Names of places and units are asked for. */
export function useFilterWords() {
  const queries = useQueryClient()
  const { me } = useSession()
  const named = async (key: string, code: string, name: () => Promise<{ name: string }>) => {
    const found = await queries.fetchQuery({ queryKey: [key, code], queryFn: name, staleTime: Infinity }).catch(() => undefined)
    return found?.name ?? code
  }
  const categories = () =>
    queries.fetchQuery({ queryKey: ['categories'], queryFn: () => ask(api.GET('/api/v1/categories', {})), staleTime: Infinity })

  return async function words(filters: Filters): Promise<string> {
    const { scope, state, sort } = asked(filters)
    const out = [t(`desk.list.scope.${scope}`), t(`desk.list.state.${state}`)]
    const add = (label: string, value: string) => out.push(`${t(`desk.list.${label}`)} ${value}`)
    if (filters.decision) out.push(t(`desk.list.decision.${filters.decision}`))
    if (filters.q) out.push(t('desk.list.printed.words', { q: filters.q }))
    if (filters.area) {
      const code = filters.area
      add('area', await named('area', code, () => ask(api.GET('/api/v1/areas/{code}', { params: { path: { code } } }))))
    }
    if (filters.unit) {
      const code = filters.unit
      add('unit', await named('organisation', code, () => ask(api.GET('/api/v1/organisations/{code}', { params: { path: { code } } }))))
    }
    if (filters.category) {
      const walk = (list: Awaited<ReturnType<typeof categories>>['categories'] | undefined): string | undefined => {
        for (const c of list ?? []) {
          const found = c.code === filters.category ? say(c.title) : walk(c.children)
          if (found) return found
        }
        return undefined
      }
      add('category', walk((await categories()).categories) ?? filters.category)
    }
    if (filters.urgency) add('urgency', t(`urgency.${filters.urgency}`))
    if (filters.channel) add('channel', t(`channel.${filters.channel}`))
    if (filters.kind) add('kind', t(`desk.list.kinds.${filters.kind}`))
    if (filters.post) add('post', postName(me.value?.posts ?? [], filters.post))
    if (filters.model || filters.stage) {
      // who may not read models still prints, with the names as they are written
      const known = await queries
        .fetchQuery({ queryKey: ['models'], queryFn: () => ask(api.GET('/api/v1/models')), staleTime: Infinity })
        .catch(() => undefined)
      const model = known?.models?.find((m) => m.name === filters.model && m.active)
      if (filters.model) add('model', model ? say(model.title) : filters.model)
      if (filters.stage) add('stage', stagesOf(known?.models, filters.model).find((s) => s.name === filters.stage)?.title ?? filters.stage)
    }
    if (filters.from) add('from', filters.from)
    if (filters.to) add('to', filters.to)
    if (sort) out.push(t(`desk.list.sort.${sort}`))
    return out.join(' · ')
  }
}
