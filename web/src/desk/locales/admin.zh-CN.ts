import { boardZh } from './admin.board.zh-CN'
import { placesZh } from './admin.places.zh-CN'
import { rulesZh } from './admin.rules.zh-CN'
import { staffZh } from './admin.staff.zh-CN'

export const adminZh = { nav: '管理', ...placesZh, ...staffZh, ...rulesZh, ...boardZh }
export type AdminWords = typeof adminZh
