import { remembered } from './kept'

/** The grid somebody chose on this device: whose people are shown, and where a report is from unless they say otherwise. */
export const myGrid = remembered('linli-grid', () => ({ code: '', name: '' }))

export function chooseGrid(area: { code: string; name: string }) {
  myGrid.code = area.code
  myGrid.name = area.name
}
