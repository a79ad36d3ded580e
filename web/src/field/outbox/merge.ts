import type { Entry, Fields } from './item'

/** What the entries that came meanwhile touch of what an action changes. */
export type Touch = { same: boolean; fields: string[] }

/** Entries that say something and change nothing that anybody could have meant otherwise. */
function onlySays(entry: Entry): boolean {
  const d = entry.data
  return !d.stage && !d.end && !d.changes?.length && !keys(d.fields).length && !keys(d.clock).length
}

const keys = (o: object | null | undefined) => Object.keys(o ?? {})

/**
 * Compares an action with what happened since the version it was based on. They meet when the same hand-over was
 * changed, the case went on to another stage or ended, or the same fact was corrected. A word, a file or a reminder
 * meets nothing, and neither does an action that only adds words.
 */
export function meets(action: { action: string; task?: number; form: Fields; adds: boolean }, since: Entry[]): Touch {
  const fields = new Set<string>()
  let same = false
  for (const entry of since) {
    if (onlySays(entry)) continue
    for (const key of keys(entry.data.fields)) if (key in action.form) fields.add(key)
    if (action.adds) continue
    const corrects = keys(entry.data.fields).length > 0
    if (corrects && entry.action === action.action) continue // only the facts both name meet
    if (entry.data.stage || entry.data.end) same = true
    if (action.task && entry.data.changes?.some((c) => c.task === action.task)) same = true
    if (entry.action === action.action && (entry.task ?? 0) === (action.task ?? 0)) same = true
  }
  return { same: same || fields.size > 0, fields: [...fields] }
}

/** Actions of every model that only add a word to the case. */
const adding = new Set(['note', 'urge', 'answer'])
export function adds(action: string): boolean {
  return adding.has(action)
}
