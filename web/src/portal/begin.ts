import { createWebHistory } from 'vue-router'
import { makeFace, type Face } from '@/shared/face'
import { nextTurn } from '@/shared/turn'
import App from './App.vue'
import { goToHeading } from './heading'
import { routes } from './routes'
import { meetWindows } from './state/windows'
import { words } from './words'
import './style.css'

export const portal: Face = {
  name: 'portal',
  base: '/',
  root: App,
  routes,
  words,
}

/**
 * Puts the portal in the place of the page that the server sent, once the screen of the address is there: of the address
 * that was tapped last meanwhile. Who stood on a link still does.
 */
export async function begin(shell: { followed: boolean; leave: () => void }) {
  const { app, router } = await makeFace(portal, createWebHistory(portal.base))
  meetWindows()
  await nextTurn()
  try {
    await router.isReady()
    const address = location.pathname + location.search
    if (router.currentRoute.value.fullPath !== address) await router.replace(address)
    await nextTurn()
  } finally {
    shell.leave()
    const stood = document.activeElement?.closest('.shell a')?.getAttribute('href')
    app.mount('#app')
    if (shell.followed) goToHeading()
    else if (stood) linkTo(stood)?.focus({ preventScroll: true })
  }
}

function linkTo(address: string) {
  return [...document.querySelectorAll<HTMLAnchorElement>('#app a')].find((a) => a.getAttribute('href') === address)
}
