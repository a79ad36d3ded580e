const han = '\\u3000-\\u303f\\u4e00-\\u9fff\\uff01-\\uff60“”‘’‹›'
const after = new RegExp(`([${han}])([,;:?!])\\s?`, 'g')
const before = new RegExp(`([\\w%])([,;]) ?(?=[${han}])`, 'g')
const behind = new RegExp(`([${han}])\\(([^()]*)\\)`, 'g')
const brackets = new RegExp(`\\(([^()]*[${han}][^()]*)\\)`, 'g')
const wide: Record<string, string> = { ',': '，', ';': '；', ':': '：', '?': '？', '!': '！' }

/**
 * A Chinese text of the program with the full-width marks that Chinese is set with; its sources are written with the
 * half-width ones. Only for what the program says, never for what people wrote.
 */
export function typeset(zh: string): string {
  const widen = (_: string, word: string, mark: string) => word + wide[mark]
  return zh.replace(behind, '$1（$2）').replace(brackets, '（$1）').replace(after, widen).replace(before, widen)
}
