import { Refusal, refusal } from '@/shared/api/client'

/** The national list of areas, as it lies beside the faces: loaded for the province that is looked at, when it is. */
export type County = { code: string; name: string; city: string; towns: { code: string; name: string }[] }
export type Province = { code: string; name: string }

async function file<T>(name: string): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/divisions/${name}.json`)
  } catch (cause) {
    throw new Refusal(0, 'unreached', '', String(cause))
  }
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as T
}

export async function provinces(): Promise<Province[]> {
  const index = await file<{ provinces: [string, string][] }>('index')
  return index.provinces.map(([code, name]) => ({ code, name }))
}

export async function counties(province: string): Promise<County[]> {
  const rows = await file<[string, string, string, [string, string][]][]>(province)
  return rows.map(([code, name, city, towns]) => ({
    code,
    name,
    city,
    towns: towns.map(([end, town]) => ({ code: code + end, name: town })),
  }))
}

/** A county with its townships as the table that the import takes. */
export function table(county: County, towns: County['towns']): Blob {
  const rows = [
    ['code', 'name', 'level', 'parent'],
    [county.code, county.name, 'county', ''],
    ...towns.map((town) => [town.code, town.name, 'township', county.code]),
  ]
  return new Blob([rows.map((r) => r.join(',')).join('\n') + '\n'], { type: 'text/csv' })
}
