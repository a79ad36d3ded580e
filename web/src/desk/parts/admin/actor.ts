import type { Schemas } from '@/shared/api/client'
import { say } from '@/shared/i18n'
import { useRoles } from './rights'
import { words } from './words'

/** Who acts by a governance model, in words. */
export function useActor() {
  const w = words('actor')
  const a = words('areas')
  const { data } = useRoles()
  const role = (key: string) => say(data.value?.roles?.find((r) => r.key === key)?.title) || key
  const known = ['holder', 'handler', 'involved', 'confirmer', 'whistler', 'reporter', 'previous', 'lead', 'first', 'head']
  const levels = ['county', 'township', 'village', 'grid', 'group', 'building']

  const by = (key: string): string => (known.includes(key) ? w(key) : role(key))
  function actor(x: Schemas['FlowActor']): string {
    let said = x.ref ? by(x.ref) : (x.fixed ?? '')
    if (x.unit) said = w(x.unit === 'duty' ? 'duty' : 'unit')
    else if (x.post)
      said =
        x.at === 'up'
          ? w('up', { role: role(x.post) })
          : levels.includes(x.at ?? '')
            ? w('at', { role: role(x.post), level: a(`level.${x.at}`) })
            : role(x.post)
    return x.not ? w('not', { who: said, not: by(x.not) }) : said
  }
  return { actor, by }
}
