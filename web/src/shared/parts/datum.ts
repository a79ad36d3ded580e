/**
 * The offset of maps published in China (GCJ-02), by the widely published approximation; the server has the same in
 * internal/area/geo. It is for showing things over such maps only: what is kept and sent is WGS84.
 */
export type Position = { lat: number; lon: number }

const axis = 6378245 // Krasovsky 1940, the ellipsoid of the published formulas
const eccentricity = 0.00669342162296594323
const { PI, sin, cos, sqrt, abs } = Math

/** Where a WGS84 position is drawn over tiles in GCJ-02; outside China there is no offset. */
export function toGCJ({ lat, lon }: Position): Position {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return { lat, lon }
  const [x, y] = [lon - 105, lat - 35]
  const root = sqrt(abs(x))
  const waves = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    waves +
    ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 +
    ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    waves +
    ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 +
    ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3
  const radian = PI / 180
  const magic = 1 - eccentricity * sin(lat * radian) ** 2
  const meridian = ((axis * (1 - eccentricity)) / (magic * sqrt(magic))) * radian
  const parallel = (axis / sqrt(magic)) * cos(lat * radian) * radian
  return { lat: lat + north / meridian, lon: lon + east / parallel }
}

/** The WGS84 position of a point of such a map, to less than a centimetre: each step gains two digits. */
export function fromGCJ(point: Position): Position {
  const guess = { ...point }
  for (let step = 0; step < 10; step++) {
    const there = toGCJ(guess)
    guess.lat += point.lat - there.lat
    guess.lon += point.lon - there.lon
  }
  return guess
}
