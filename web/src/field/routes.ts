import type { RouteRecordRaw } from 'vue-router'
import TodayScreen from './screens/TodayScreen.vue'

export const routes: RouteRecordRaw[] = [
  { path: '/', component: TodayScreen, meta: { title: 'field.tab.today' } },
  { path: '/tasks', component: () => import('./screens/TasksScreen.vue'), meta: { title: 'field.tab.tasks' } },
  {
    path: '/cases/:id',
    component: () => import('./screens/CaseScreen.vue'),
    props: true,
    meta: { title: 'field.case.title', deep: true },
  },
  { path: '/report', component: () => import('./screens/ReportScreen.vue'), meta: { title: 'field.report.title', deep: true } },
  { path: '/grid', component: () => import('./screens/GridScreen.vue'), meta: { title: 'field.tab.grid' } },
  { path: '/outbox', component: () => import('./screens/OutboxScreen.vue'), meta: { title: 'field.outbox.title', deep: true } },
  { path: '/help', component: () => import('./screens/HelpScreen.vue'), meta: { title: 'field.help.title', deep: true } },
  { path: '/me', component: () => import('./screens/MeScreen.vue'), meta: { title: 'field.tab.me' } },
  { path: '/:rest(.*)*', redirect: '/' },
]
