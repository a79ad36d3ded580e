/** Moments as the browser's own control writes them, in Beijing time: 2026-11-25T08:00. */
export function shown(iso?: string | null): string {
  if (!iso) return ''
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' }).format(
    new Date(iso),
  )
  return parts.replace(' ', 'T')
}

export const sent = (local: string): string | undefined => (local ? `${local.slice(0, 16)}:00+08:00` : undefined)
