/** Who signed in on this device last, so that the app starts without signal. No secret is among it. */
export type Known = { id: string; login: string; name: string; posts: { title: { zh: string; en?: string }; place: string }[] }

const key = 'linli-field-account'
const leaving = 'linli-field-leaving'

function read<T>(name: string): T | undefined {
  try {
    return (JSON.parse(localStorage.getItem(name) ?? 'null') as T | null) ?? undefined
  } catch {
    return undefined
  }
}

function write(name: string, value: unknown) {
  try {
    if (value === undefined) localStorage.removeItem(name)
    else localStorage.setItem(name, JSON.stringify(value))
  } catch {
    // the browser keeps nothing: the worker is told by the store
  }
}

export const knownAccount = () => read<Known>(key)
export const knowAccount = (who: Known | undefined) => write(key, who)

/** Signed out without signal: the session is ended as soon as the server is met. */
export const isLeaving = () => read<boolean>(leaving) === true
export const leave = (on: boolean) => write(leaving, on || undefined)

/** How far this device's clock is behind the server's, for a start without signal: wrong clocks stay wrong. */
export const rememberClock = (ahead: number) => write('linli-field-clock', Math.abs(ahead) > 60_000 ? ahead : undefined)
export const rememberedClock = () => read<number>('linli-field-clock') ?? 0

export type Room = { used: number; left: number; kept: boolean }

/** How much this browser keeps for the app and how much room is left; undefined where it does not say. */
export async function room(): Promise<Room | undefined> {
  if (!navigator.storage?.estimate) return undefined
  const { usage = 0, quota = 0 } = await navigator.storage.estimate()
  return { used: usage, left: Math.max(0, quota - usage), kept: (await navigator.storage.persisted?.()) ?? false }
}

/** Asks the browser not to clear what is kept here when room gets short. */
export async function keepForGood(): Promise<boolean> {
  return (await navigator.storage?.persist?.()) ?? false
}
