/** Days as people choose them are days in China, wherever the browser is. */
export const dayStart = (day: string) => `${day}T00:00:00+08:00`

/** The first moment after a day: an end that counts the day whole. */
export function dayEnd(day: string): string {
  const next = new Date(`${day}T00:00:00+08:00`)
  next.setTime(next.getTime() + 24 * 3_600_000)
  return next.toISOString()
}

/** Today in China, as a date field writes it. */
export function today(now: number): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(now)
}
