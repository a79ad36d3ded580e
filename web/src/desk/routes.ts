import type { RouteRecordRaw } from 'vue-router'
import { adminRoutes } from './adminRoutes'

/** Daily work. Those with an icon stand in the navigation. */
export const workRoutes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./screens/daily/HomeScreen.vue'), meta: { title: 'desk.nav.home', icon: 'home' } },
  {
    path: '/cases',
    component: () => import('./screens/daily/WorklistScreen.vue'),
    meta: { title: 'desk.nav.cases', icon: 'list' },
  },
  {
    path: '/supervision',
    component: () => import('./screens/daily/WorklistScreen.vue'),
    props: { preset: { scope: 'area', state: 'supervised' } },
    meta: { title: 'desk.nav.supervision', icon: 'eye', may: ['case.supervise', 'case.read'] },
  },
  { path: '/alerts', component: () => import('./screens/daily/AlertsScreen.vue'), meta: { title: 'desk.nav.alerts', icon: 'bell' } },
  {
    path: '/hotline',
    component: () => import('./screens/daily/HotlineScreen.vue'),
    meta: { title: 'desk.nav.hotline', icon: 'headset', may: ['hotline.take'] },
  },
  { path: '/cases/:number', component: () => import('./screens/daily/CaseScreen.vue'), props: true, meta: { title: 'desk.nav.case' } },
]

export const routes: RouteRecordRaw[] = [
  ...workRoutes,
  ...adminRoutes,
  { path: '/:rest(.*)*', component: () => import('./screens/NotFoundScreen.vue'), meta: { title: 'desk.lost.title' } },
]
