import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp, type Component } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw, type RouterHistory } from 'vue-router'
import { Refusal } from './api/client'
import { t, translator, type Words } from './i18n'
import './style/base.css'

export type Face = { name: string; base: string; root: Component; routes: RouteRecordRaw[]; words: Words }

/** Makes a face: its screens under its address, its words beside the shared ones. */
export async function makeFace(face: Face, history: RouterHistory) {
  const i18n = await translator(face.name, face.words)
  const router = createRouter({
    history,
    routes: face.routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
  })
  router.afterEach((to) => {
    const title = typeof to.meta['title'] === 'string' ? t(to.meta['title']) : ''
    document.title = [title, t('app.name')].filter(Boolean).join(' · ')
  })
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // whether there is signal is found out by trying, and said: what the browser believes is often wrong in offices and built-in browsers
        networkMode: 'always',
        refetchOnReconnect: true,
        retry: (times, error) => times < 2 && error instanceof Refusal && error.passing,
        retryDelay: (times, error) => (error instanceof Refusal && error.retryAfter ? error.retryAfter * 1000 : 800 * 2 ** times),
      },
      mutations: { networkMode: 'always' },
    },
  })
  return { app: createApp(face.root).use(i18n).use(router).use(VueQueryPlugin, { queryClient: queries }), router }
}

/** Starts a face in its page. */
export async function startFace(face: Face) {
  const { app } = await makeFace(face, createWebHistory(face.base))
  app.mount('#app')
}
