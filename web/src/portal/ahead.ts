import { askAhead } from '@/shared/api/ahead'
import { readPreferences } from '@/shared/device'

/** The code of the grid that was chosen on this device; see state/grid. */
function ownGrid(): string {
  try {
    return String((JSON.parse(localStorage.getItem('linli-grid') ?? '{}') as { code?: string }).code ?? '')
  } catch {
    return '' // storage is switched off
  }
}

/** What the screen at an address asks the server first, word for word as the screen will ask it. */
function questions(path: string, query: string): string[] {
  const code = /^\/t\/([0-9A-Z-]{12,20})$/.exec(path)?.[1]
  if (code) return [`/api/v1/track/${code}`]
  if (path === '/results' && !query) return ['/api/v1/public/cases', '/api/v1/categories']
  if (path !== '/') return []
  const grid = ownGrid().slice(0, 12)
  return [`/api/v1/public/cases?${grid ? `area=${encodeURIComponent(grid)}&` : ''}page_size=5`]
}

/** Asks before the program is there that will show the answers. */
export function askFirst() {
  const query = location.search.replace(/^\?lang=\w*$/, '')
  for (const path of ['/api/v1/about', ...questions(location.pathname, query)]) askAhead(path, readPreferences().language)
}
