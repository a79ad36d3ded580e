import type { CaseWords } from './case.zh-CN'

export const caseEn: CaseWords = { title: 'Cases' }
