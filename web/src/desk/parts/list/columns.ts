import { ref } from 'vue'

export const columnNames = [
  'title',
  'stage',
  'owner',
  'area',
  'category',
  'urgency',
  'hop',
  'due',
  'received',
  'updated',
  'channel',
  'kind',
  'rating',
] as const
export type ColumnName = (typeof columnNames)[number]

/** Width of each column as a track of a grid. */
export const tracks: Record<ColumnName, string> = {
  title: 'minmax(180px, 3fr)',
  stage: 'minmax(68px, 0.8fr)',
  owner: 'minmax(96px, 1.4fr)',
  area: 'minmax(96px, 1.2fr)',
  category: 'minmax(104px, 1.2fr)',
  urgency: '76px',
  hop: '136px',
  due: '136px',
  received: '108px',
  updated: '108px',
  channel: '84px',
  kind: '76px',
  rating: '64px',
}

export const usual: ColumnName[] = ['title', 'stage', 'owner', 'area', 'category', 'hop', 'received']
const key = 'linli-desk-columns'

export function known(names: readonly string[] | null | undefined): ColumnName[] {
  const chosen = columnNames.filter((c) => names?.includes(c))
  return chosen.length ? [...new Set<ColumnName>(['title', ...chosen])] : usual
}

function remembered(): ColumnName[] {
  try {
    return known(JSON.parse(localStorage.getItem(key) ?? '[]') as string[])
  } catch {
    return usual // nothing can be kept on this device
  }
}

/** The columns on this device; a saved view brings its own. */
export const columns = ref<ColumnName[]>(remembered())

export function showColumns(names: readonly string[]) {
  columns.value = known(names)
  try {
    localStorage.setItem(key, JSON.stringify(columns.value))
  } catch {
    // see remembered
  }
}
