import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp, type Component } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { Refusal } from './api/client'
import { say, t, translator, type Language } from './i18n'
import './style/base.css'

/** Starts a face: its screens under its address, its words beside the shared ones. */
export function startFace<W extends object>(face: {
  name: string
  base: string
  root: Component
  routes: RouteRecordRaw[]
  words: Record<Language, W>
}) {
  const i18n = translator(face.name, face.words)
  const router = createRouter({
    history: createWebHistory(face.base),
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
        retry: (times, error) => times < 2 && error instanceof Refusal && error.passing,
        retryDelay: (times, error) => (error instanceof Refusal && error.retryAfter ? error.retryAfter * 1000 : 800 * 2 ** times),
      },
    },
  })
  createApp(face.root).use(i18n).use(router).use(VueQueryPlugin, { queryClient: queries }).mount('#app')
  return { router, queries, say }
}
