import { randomFillSync, randomUUID } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { expect, type Page, type Server } from '../harness'

/** The grid of the demonstration whose people have accounts, and one of the estates in it. */
export const grid = { code: '320682001001001', name: '迎新社区第一网格', lat: 32.140915, lon: 120.416974 }

let count = 0
/** Words nobody else wrote, so that a search finds the one. */
export const words = (what = '小区东门的路灯不亮了') => `${what}，第${Date.now() % 1_000_000}-${++count}号`

/** Goes through the first page: which tile, what it is. */
export async function say(page: Page, text: string, tile = '报问题') {
  await page.goto('/')
  await page.getByRole('link', { name: tile }).click()
  await page.getByRole('textbox', { name: '是什么事' }).fill(text)
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('在哪里？')
}

/** The same behind the code of the grid's notice board, where the place is known. */
export async function sayHere(page: Page, text: string, tile = '报问题') {
  await page.goto(`/g/${grid.code}`)
  await page.getByRole('link', { name: tile }).click()
  await page.getByRole('textbox', { name: '是什么事' }).fill(text)
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByText('很确定')).toBeVisible()
}

/** From the second page to the last one, when the place was said. */
export async function goOn(page: Page) {
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('有照片吗？')
  await page.getByRole('button', { name: /下一步/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('看看对不对，再提交')
}

/** Sends, and gives the tracking code. */
export async function send(page: Page): Promise<string> {
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('收到了')
  await expect(page.getByRole('img', { name: '看进度的二维码' })).toBeVisible()
  return page.url().split('/').at(-1)!
}

type Case = { id: string; version: number; stage: string; actions: { action: string; task?: number }[] }

/** Reports something in the grid whose people have accounts. */
export async function report(page: Page, text: string) {
  await sayHere(page, text)
  await goOn(page)
  return send(page)
}

/** What an officer does on the case of a code. */
export async function act(server: Server, code: string, as: string, action: string, form: Record<string, unknown> = {}) {
  const { id } = await server.ask<{ id: string }>(`/api/v1/track/${code}`)
  const now = await server.ask<Case>(`/api/v1/cases/${id}`, { as })
  const offer = now.actions.find((a) => a.action === action)
  if (!offer) throw new Error(`${as} is offered ${now.actions.map((a) => a.action).join(' ')}, not ${action}`)
  await server.ask(`/api/v1/cases/${id}/actions/${action}`, {
    as,
    method: 'POST',
    body: { command: randomUUID(), base: now.version, task: offer.task, form },
  })
}

export async function solve(server: Server, code: string, result: string) {
  await act(server, code, 'paidan', 'here')
  await act(server, code, 'wangge', 'take')
  await act(server, code, 'wangge', 'feed_back', { result })
  await act(server, code, 'paidan', 'accept')
}

/** The files of a case as those who serve it see them. */
export async function filesOf(server: Server, code: string) {
  const { id } = await server.ask<{ id: string }>(`/api/v1/track/${code}`)
  return (await server.ask<{ files: { name: string; size: number }[] }>(`/api/v1/cases/${id}`, { as: 'gezhang' })).files
}

/** A picture that weighs what a photo weighs, for it is noise: width x height pixels. */
export function picture(width: number, height: number) {
  const rows = Buffer.alloc((width * 3 + 1) * height)
  randomFillSync(rows)
  for (let row = 0; row < height; row++) rows[row * (width * 3 + 1)] = 0 // how the row is coded: plainly
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const out = Buffer.alloc(body.length + 8)
    out.writeUInt32BE(data.length, 0)
    body.copy(out, 4)
    out.writeUInt32BE(checksum(body), body.length + 4)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const magic = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([magic, chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))])
}

function checksum(bytes: Buffer) {
  let crc = ~0
  for (const b of bytes) {
    crc ^= b
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc >>> 0
}
