import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fromGCJ, toGCJ } from '../../src/shared/parts/datum'
import { widthOf, withRoom } from '../../src/shared/parts/labels'
import { expect, Server, test, type Page } from '../harness'
import { grid, picture } from './resident'

async function openMap(page: Page, at = '') {
  await page.goto(`${at}/report/what?kind=problem`)
  await page.getByRole('textbox', { name: '是什么事' }).fill('路边井盖坏了')
  await page.getByRole('button', { name: '下一步' }).click()
  await page.getByText('在地图上点').click()
  await expect(page.locator('.leaflet-interactive').first()).toBeAttached()
}

test('outlines and places are named without a finger on them, and no name covers another', async ({ page, server }) => {
  test.setTimeout(180_000)
  const asked: string[] = []
  page.on('request', (r) => asked.push(r.url()))
  await openMap(page)
  const names = page.locator('.map-name span')
  await expect(names.first()).toBeVisible()
  const { areas } = await server.ask<{ areas: { name: string }[] }>('/api/v1/areas?parent=320682&page_size=100')
  const written = await page.locator('.map-name-area span').allTextContents()
  expect(areas.map((a) => a.name)).toEqual(expect.arrayContaining(written.filter((n) => n !== '如皋市')))
  expect(written.length).toBeGreaterThan(0)
  const boxes = await names.evaluateAll((all) => all.map((e) => e.getBoundingClientRect().toJSON() as DOMRect))
  for (const [i, a] of boxes.entries())
    for (const b of boxes.slice(i + 1))
      expect(a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 2 && b.top < a.bottom - 2, 'two names overlap').toBe(false)
  // outlines come in one answer, and nobody else is asked for anything
  expect(asked.filter((u) => u.includes('/outline'))).toHaveLength(1)
  expect(asked.filter((u) => !u.startsWith(server.url) && /^https?:/.test(u))).toEqual([])
})

test('names give way to those before them', () => {
  const shown = withRoom([
    { text: '安定社区', x: 100, y: 100, room: 200 },
    { text: '安定小学', x: 120, y: 105 },
    { text: '迎新社区', x: 300, y: 100, room: 20 },
    { text: '菜场', x: 100, y: 140 },
  ])
  expect(shown.map((l) => l.text)).toEqual(['安定社区', '菜场'])
  expect(widthOf('社区', 10)).toBe(20)
})

test('a position drawn over offset tiles comes back where it was', () => {
  // Tiananmen: about 500 m between the two systems; the same numbers as internal/area/geo
  const there = toGCJ({ lat: 39.908823, lon: 116.39747 })
  expect(Math.abs(there.lat - 39.910227)).toBeLessThan(1e-5)
  expect(Math.abs(there.lon - 116.403714)).toBeLessThan(1e-5)
  for (const p of [
    { lat: grid.lat, lon: grid.lon },
    { lat: 22.5, lon: 114.05 },
  ]) {
    const back = fromGCJ(toGCJ(p))
    expect(Math.abs(back.lat - p.lat) + Math.abs(back.lon - p.lon)).toBeLessThan(1e-8)
  }
  expect(toGCJ({ lat: 51.5, lon: 0 })).toEqual({ lat: 51.5, lon: 0 })
})

test('with a source of tiles they lie below, offset or not, and say whose they are', async ({ page, request }) => {
  test.setTimeout(180_000)
  const asked: IncomingMessage[] = []
  const tiles = createServer((req, res) => {
    asked.push(req)
    res.setHeader('Content-Type', 'image/png').end(picture(8, 8))
  })
  await new Promise<void>((ready) => tiles.listen(0, '127.0.0.1', ready))
  const host = `http://127.0.0.1:${(tiles.address() as AddressInfo).port}`
  const own = await new Server([
    'demo',
    ...['--map-tiles', `${host}/{z}/{x}/{y}.png`, '--map-attribution', '© 示例<b>测绘</b> 审图号 GS(2026)0000号', '--map-datum', 'gcj02'],
  ]).start()
  try {
    const answer = await request.get(`${own.url}/`)
    expect(answer.headers()['content-security-policy']).toContain(`img-src 'self' data: blob: ${host};`)
    await page.addInitScript(([code, name]) => localStorage.setItem('linli-grid', JSON.stringify({ code, name })), [
      grid.code,
      grid.name,
    ] as const)
    await openMap(page, own.url)
    const below = page.locator('img.leaflet-tile-loaded')
    await expect(below.first()).toBeVisible()
    expect(await below.first().evaluate((i: HTMLImageElement) => i.naturalWidth)).toBeGreaterThan(0)
    await expect(page.locator('.leaflet-control-attribution')).toHaveText('© 示例<b>测绘</b> 审图号 GS(2026)0000号')
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.map((r) => r.headers.referer ?? '')).toEqual(asked.map(() => ''))
    expect(asked.every((r) => /^\/\d+\/\d+\/\d+\.png$/.test(r.url ?? ''))).toBe(true)
    // what is tapped where the tiles have it is sent as it is: the middle of what is shown, not half a kilometre beside it
    const { features } = await own.ask<{ features: { geometry: { coordinates: unknown[] } }[] }>('/api/v1/areas/320682001001/outlines')
    const lons = features.flatMap((f) => (f.geometry.coordinates.flat(Infinity) as number[]).filter((_, i) => i % 2 === 0))
    const middle = (Math.min(...lons) + Math.max(...lons)) / 2
    expect(Math.abs(toGCJ({ lat: grid.lat, lon: middle }).lon - middle)).toBeGreaterThan(0.003)
    const map = (await page.locator('.leaflet-container').boundingBox())!
    await page.mouse.click(map.x + map.width / 2, map.y + map.height / 2)
    await expect(page.getByText('我们理解是这里')).toBeVisible()
    const at = await page.evaluate(() => JSON.parse(sessionStorage.getItem('linli-draft')!) as { lon: number })
    expect(Math.abs(at.lon - middle)).toBeLessThan(0.001)
  } finally {
    await own.remove()
    tiles.close()
  }
})
