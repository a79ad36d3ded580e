import { language, say, type Text } from '@/shared/i18n'
import { typeset } from '@/shared/i18n/punctuation'
import { words } from './words'

const w = words('models')

/** What residents read of a stage or an end, with a word for what is filled in of the case. */
export function publicText(text: Text | undefined): string {
  const filled = say(text).replace(/\{(due|unit|reason|result|original)\}/g, (_, what: string) => `‹${w(`filled.${what}`)}›`)
  return language() === 'en' ? filled : typeset(filled) // marks between two that were filled in
}
