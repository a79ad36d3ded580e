import { boardEn } from './admin.board.en'
import { placesEn } from './admin.places.en'
import { rulesEn } from './admin.rules.en'
import { staffEn } from './admin.staff.en'
import type { AdminWords } from './admin.zh-CN'

export const adminEn: AdminWords = { nav: 'Administration', ...placesEn, ...staffEn, ...rulesEn, ...boardEn }
