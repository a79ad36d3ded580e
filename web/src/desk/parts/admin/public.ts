import { say, type Text } from '@/shared/i18n'
import { words } from './words'

const w = words('models')

/** What residents read of a stage or an end, with a word for what is filled in of the case. */
export function publicText(text: Text | undefined): string {
  return say(text).replace(/\{(due|unit|reason|result|original)\}/g, (_, what: string) => `‹${w(`filled.${what}`)}›`)
}
