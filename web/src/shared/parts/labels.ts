/** Names on a map: which of them have room, where a name belongs on an outline. */
export type Label = { text: string; x: number; y: number; room?: number }

const em = 12
/** About how wide a name is drawn, in pixels: Chinese characters are as wide as they are high. */
export function widthOf(text: string, size = em): number {
  let wide = 0
  for (const c of text) wide += c > '\u2e7f' ? size : size * 0.58
  return wide
}

/**
 * The names that can stand without covering another, the first ones before the later. x and y are the middle of a name,
 * in pixels; `room` is how wide it may be at most.
 */
export function withRoom<T extends Label>(labels: T[], size = em): T[] {
  const taken: { left: number; right: number; top: number; bottom: number }[] = []
  return labels.filter((l) => {
    const wide = widthOf(l.text, size)
    if (l.room !== undefined && wide > l.room) return false
    const box = { left: l.x - wide / 2 - 3, right: l.x + wide / 2 + 3, top: l.y - size * 0.8, bottom: l.y + size * 0.8 }
    if (taken.some((t) => box.left < t.right && box.right > t.left && box.top < t.bottom && box.bottom > t.top)) return false
    taken.push(box)
    return true
  })
}

type Ring = number[][]
const polygonsOf = (g: GeoJSON.Geometry): Ring[][] =>
  g.type === 'Polygon' ? [g.coordinates] : g.type === 'MultiPolygon' ? g.coordinates : []

/** Where the name of an outline belongs: in the middle of its largest part, [longitude, latitude]. */
export function middleOf(geometry: GeoJSON.Geometry): [number, number] | undefined {
  let best: { size: number; at: [number, number] } | undefined
  for (const [ring] of polygonsOf(geometry)) {
    let [size, x, y] = [0, 0, 0]
    const from = ring?.[0]
    if (!ring || !from) continue
    // measured from a corner, since degrees are large beside what is measured
    for (let i = 0; i + 1 < ring.length; i++) {
      const [ax, ay] = [ring[i]![0]! - from[0]!, ring[i]![1]! - from[1]!]
      const [bx, by] = [ring[i + 1]![0]! - from[0]!, ring[i + 1]![1]! - from[1]!]
      const turn = ax * by - bx * ay
      size += turn
      x += (ax + bx) * turn
      y += (ay + by) * turn
    }
    if (size && (!best || Math.abs(size) > best.size))
      best = { size: Math.abs(size), at: [from[0]! + x / (3 * size), from[1]! + y / (3 * size)] }
  }
  return best?.at
}

/** The same geometry with every position moved. */
export function moved(
  geometry: GeoJSON.Geometry,
  move: (at: { lat: number; lon: number }) => { lat: number; lon: number },
): GeoJSON.Geometry {
  const ring = (r: Ring) =>
    r.map(([lon, lat]) => {
      const to = move({ lat: lat!, lon: lon! })
      return [to.lon, to.lat]
    })
  if (geometry.type === 'Polygon') return { ...geometry, coordinates: geometry.coordinates.map(ring) }
  if (geometry.type === 'MultiPolygon') return { ...geometry, coordinates: geometry.coordinates.map((p) => p.map(ring)) }
  return geometry
}
