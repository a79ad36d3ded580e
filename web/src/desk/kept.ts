import { useSession } from '@/shared/session'

/**
 * What somebody at the desk has begun and not sent. It lasts as long as the tab, through a reload and a session that ran
 * out, and belongs to one account: signing out, or signing in as somebody else, takes it away.
 */
const start = 'linli-desk '
/** Where the browser keeps nothing: it lasts until the page is left. */
const passing = new Map<string, string>()

export function kept<T>(name: string) {
  const me = useSession().me.value?.id
  const key = `${start}${me} ${name}`
  return {
    read(): T | undefined {
      const text = passing.get(key) ?? stored((s) => s.getItem(key))
      try {
        return text ? (JSON.parse(text) as T) : undefined
      } catch {
        return undefined
      }
    },
    keep(value: T) {
      if (!me || useSession().me.value?.id !== me) return // signed out meanwhile: nothing of it is written down again
      const text = JSON.stringify(value)
      passing.delete(key)
      if (stored((s) => (s.setItem(key, text), true)) === undefined) passing.set(key, text)
    },
    drop() {
      passing.delete(key)
      stored((s) => s.removeItem(key))
    },
  }
}

/** Takes away what is kept, except of the account with this identifier. */
export function forgetKept(except?: string) {
  const gone = (key: string) => key.startsWith(start) && !(except && key.startsWith(`${start}${except} `))
  for (const key of [...passing.keys()].filter(gone)) passing.delete(key)
  stored((s) =>
    Object.keys(s)
      .filter(gone)
      .forEach((key) => s.removeItem(key)),
  )
}

/** Undefined when the browser keeps nothing, or has no room. */
function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage)
  } catch {
    return undefined
  }
}
