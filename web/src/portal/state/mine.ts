import { remembered } from './kept'

/** What was reported from this device, so that nobody has to copy a code. Whoever shares the phone can clear it. */
export type Mine = { code: string; number: string; title: string; at: number; draft: string }
const most = 20
export const mine = remembered('linli-mine', () => ({ list: [] as Mine[] }))

export function remember(report: Mine) {
  mine.list = [report, ...mine.list.filter((m) => m.code !== report.code)].slice(0, most)
}

export function forget() {
  mine.list = []
}
