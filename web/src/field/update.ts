import { ref } from 'vue'

/** A newer app is here and waits for the worker to be ready for it. */
export const updateWaits = ref<ServiceWorker>()

/** Whether this browser can start the app without signal: it needs https, or this very machine. */
export const canStartOffline = () => 'serviceWorker' in navigator

/**
 * Registers the service worker that starts the app without signal, and looks for a newer app now and then. `mayGo` tells
 * whether this page can be loaded anew without losing what only it has; otherwise it goes on with the old app.
 */
export function watchForUpdates(mayGo: () => boolean) {
  if (!canStartOffline() || !import.meta.env.PROD) return
  let reloading = false
  let first = !navigator.serviceWorker.controller
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    const began = first // the very first worker takes over what it did not start; nothing is newer then
    first = false
    if (began || reloading || !mayGo()) return
    reloading = true
    location.reload()
  })
  void navigator.serviceWorker.register('/field/sw.js', { scope: '/field/' }).then(
    (registration) => {
      const look = () => {
        if (registration.waiting && navigator.serviceWorker.controller) updateWaits.value = registration.waiting
      }
      look()
      registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look))
      setInterval(() => navigator.onLine && void registration.update().catch(() => undefined), 3_600_000)
    },
    () => undefined, // without it the app still works while there is signal; the screen of the device says so
  )
}

export function takeUpdate() {
  updateWaits.value?.postMessage('take-over')
}
