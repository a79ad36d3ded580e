/** A place on the earth, in degrees of WGS84. */
export type Point = { lat: number; lon: number }

const radius = 6_371_008.8 // mean, in metres

/** Metres between two places, along the earth. */
export function metres(a: Point, b: Point): number {
  const rad = Math.PI / 180
  const h =
    Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2
  return 2 * radius * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** A distance as one may say it: about so many metres, or under so many. */
export type Roughly = { about: number } | { under: number }

const steps = [100, 500, 1000, 5000, 10_000, 50_000]

/** Never finer than it is known: whole hundreds of metres at best, and in no finer steps than the position is exact (metres). */
export function roughly(distance: number, accuracy = 0): Roughly {
  const least = Math.max(accuracy, distance < 1000 ? 100 : distance < 10_000 ? 500 : 1000)
  const step = steps.find((s) => s >= least) ?? steps.at(-1)!
  return distance < step ? { under: step } : { about: Math.round(distance / step) * step }
}

/** Those with a place by their distance from here, nearest first; those without as they came. */
export function byDistance<T extends { point?: Point }>(list: T[], here: Point): { placed: T[]; unplaced: T[] } {
  const placed = list.flatMap((it) => (it.point ? [{ it, far: metres(here, it.point) }] : []))
  return { placed: placed.sort((a, b) => a.far - b.far).map((p) => p.it), unplaced: list.filter((it) => !it.point) }
}
