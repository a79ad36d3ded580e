import { readPreferences } from '@/shared/device'
import { drawn, nextTurn } from '@/shared/turn'
import { askFirst } from './ahead'
import { useShell } from './shell'

/**
 * Starts the portal in short pieces, each a turn of its own: a phone shows the page as the server sent it, and takes a
 * tap, while it reads the program. What is shown first is asked for meanwhile.
 */
async function start() {
  const shell = useShell()
  askFirst()
  void words()
  await drawn()
  await import('@/shared/start/vue')
  await nextTurn()
  await import('@/shared/start/parts')
  await nextTurn()
  const { begin } = await import('./begin')
  await nextTurn()
  await begin(shell)
}

/** Loads the words of the reader's language beside the program, which takes them when it starts. */
function words() {
  return readPreferences().language === 'en'
    ? Promise.allSettled([import('./locales/en'), import('@/shared/i18n/en')])
    : Promise.allSettled([import('./locales/zh-CN'), import('@/shared/i18n/zh-CN')])
}

void start()
