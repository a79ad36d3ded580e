import { readPreferences } from '@/shared/device'
import { common } from '@/shared/i18n/words'
import { drawn, nextTurn } from '@/shared/turn'
import { askFirst } from './ahead'
import { useShell } from './shell'
import { words } from './words'

/**
 * Starts the portal in short pieces, each a turn of its own: a phone shows the page as the server sent it, and takes a
 * tap, while it reads the program. What is shown first is asked for meanwhile.
 */
async function start() {
  const shell = useShell()
  askFirst()
  void readWords()
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
function readWords() {
  const { language } = readPreferences()
  return Promise.allSettled([words[language](), common[language]()])
}

void start()
