import { expect, test } from '@playwright/test'
import { byDistance, metres, roughly } from '../../src/field/distance'
import { byPress, press } from '../../src/field/order'

// The order of a worker's day and how far a task is, without a browser.

const hour = 3_600_000
const at = Date.parse('2026-11-22T09:00:00+08:00')
type Urgency = 'urgent' | 'priority' | 'normal' | 'complex'
const task = (number: string, urgency: Urgency, hours?: number) => ({
  number,
  urgency,
  ...(hours === undefined ? {} : { hop_due_at: new Date(at + hours * hour).toISOString() }),
})

test('overdue comes first, then urgency, then the clock; what is paused comes last of its kind', () => {
  const list = [
    task('usual in three days', 'normal', 72),
    task('complex in an hour', 'complex', 1),
    task('paused and urgent', 'urgent'),
    task('priority in two hours', 'priority', 2),
    task('urgent in nine hours', 'urgent', 9),
    task('urgent in five hours', 'urgent', 5),
    task('usual, over by two days', 'normal', -48),
    task('urgent, over by an hour', 'urgent', -1),
    task('usual in half an hour', 'normal', 0.5),
  ]
  const sorted = list.sort(byPress(at))
  expect(sorted.map((c) => c.number)).toEqual([
    'urgent, over by an hour',
    'usual, over by two days',
    'urgent in five hours',
    'urgent in nine hours',
    'paused and urgent',
    'priority in two hours',
    'usual in half an hour',
    'complex in an hour',
    'usual in three days',
  ])
  expect(sorted.map((c) => press(c, at))).toEqual(['late', 'late', 'urgent', 'urgent', 'urgent', 'priority', 'soon', 'soon', 'later'])
})

test('the same clock goes by the number, so that the order stands still', () => {
  const list = [task('b', 'normal'), task('c', 'normal', 3), task('a', 'normal'), task('d', 'normal', 3)]
  expect(list.sort(byPress(at)).map((c) => c.number)).toEqual(['c', 'd', 'a', 'b'])
})

test('metres along the earth', () => {
  const here = { lat: 32.3716, lon: 120.5734 }
  expect(metres(here, here)).toBe(0)
  expect(metres(here, { lat: 32.3716 + 1 / 111.195, lon: 120.5734 })).toBeCloseTo(1000, 0)
  expect(metres({ lat: 31.2304, lon: 121.4737 }, { lat: 39.9042, lon: 116.4074 }) / 1000).toBeCloseTo(1067, 0) // Shanghai to Beijing
})

test('a distance is never said finer than it is known', () => {
  expect(roughly(40)).toEqual({ under: 100 })
  expect(roughly(312)).toEqual({ about: 300 })
  expect(roughly(1740)).toEqual({ about: 1500 })
  expect(roughly(12_400)).toEqual({ about: 12_000 })
  expect(roughly(312, 400)).toEqual({ under: 500 }) // a position that is only known to 400 m
  expect(roughly(2600, 800)).toEqual({ about: 3000 })
})

test('nearest first; those without a position stay behind as they came', () => {
  const at = (id: string, lat?: number) => ({ id, ...(lat === undefined ? {} : { point: { lat, lon: 120 } }) })
  const { placed, unplaced } = byDistance([at('no place'), at('far', 32.2), at('near', 32.01), at('none either'), at('middle', 31.9)], {
    lat: 32,
    lon: 120,
  })
  expect(placed.map((p) => p.id)).toEqual(['near', 'middle', 'far'])
  expect(unplaced.map((p) => p.id)).toEqual(['no place', 'none either'])
})
