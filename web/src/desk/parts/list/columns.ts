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

/** Width of each column as a track of a grid: the usual ones fit a window of 1280, the least of each a share of its own. */
export const tracks: Record<ColumnName, string> = {
  title: 'minmax(180px, 2.8fr)',
  stage: 'minmax(68px, 0.9fr)',
  owner: 'minmax(96px, 1.5fr)',
  area: 'minmax(96px, 1.3fr)',
  category: 'minmax(104px, 1.4fr)',
  urgency: '76px',
  hop: '132px',
  due: '132px',
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
