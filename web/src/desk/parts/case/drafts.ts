/** What was typed into a form and not sent yet, as long as the page lives: going to the next case and back loses nothing. */
const drafts = new Map<string, Record<string, unknown>>()

export function draftOf(caseId: string, action: string, task?: number) {
  const key = `${caseId} ${action} ${task ?? ''}`
  return {
    read: () => drafts.get(key),
    keep: (form: Record<string, unknown>) => void drafts.set(key, form),
    drop: () => void drafts.delete(key),
  }
}
