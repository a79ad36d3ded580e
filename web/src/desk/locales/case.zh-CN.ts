export const caseZh = { title: '事项' }

export type CaseWords = typeof caseZh
