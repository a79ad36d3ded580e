import { api, ask, type Schemas } from '@/shared/api/client'

/** All areas directly below one, or the roots: however many there are, none is left out. */
export const children = (parent = '', closed = false) => ({
  queryKey: ['areas', 'children', parent, closed],
  queryFn: async () => {
    const areas: Schemas['AreaArea'][] = []
    for (let after = ''; ;) {
      const query = { page_size: 500, ...(parent ? { parent } : {}), ...(closed ? { closed } : {}), ...(after ? { after } : {}) }
      const page = await ask(api.GET('/api/v1/areas', { params: { query } }))
      areas.push(...(page.areas ?? []))
      after = page.next ?? ''
      if (!after) return areas
    }
  },
  staleTime: 60_000,
})
