import type { RouteRecordRaw } from 'vue-router'
import HomeScreen from './screens/HomeScreen.vue'

// The first part of each address is also in portalScreens of the server, which gives it this page.
export const routes: RouteRecordRaw[] = [
  { path: '/', component: HomeScreen },
  { path: '/report', redirect: '/report/what' },
  { path: '/report/what', component: () => import('./screens/WhatScreen.vue'), meta: { title: 'portal.what.title' } },
  { path: '/report/where', component: () => import('./screens/WhereScreen.vue'), meta: { title: 'portal.where.title' } },
  { path: '/report/photo', component: () => import('./screens/PhotoScreen.vue'), meta: { title: 'portal.photo.title' } },
  { path: '/report/check', component: () => import('./screens/CheckScreen.vue'), meta: { title: 'portal.check.title' } },
  { path: '/sent/:code', component: () => import('./screens/SentScreen.vue'), meta: { title: 'portal.sent.title' } },
  { path: '/track', component: () => import('./screens/TrackScreen.vue'), meta: { title: 'portal.track.title' } },
  { path: '/t/:code', component: () => import('./screens/ProgressScreen.vue'), meta: { title: 'portal.progress.title' } },
  { path: '/results', component: () => import('./screens/ResultsScreen.vue'), meta: { title: 'portal.results.title' } },
  { path: '/results/:number', component: () => import('./screens/ResultScreen.vue'), meta: { title: 'portal.results.one' } },
  { path: '/grid', component: () => import('./screens/GridsScreen.vue'), meta: { title: 'portal.grid.choose' } },
  { path: '/grid/:code', component: () => import('./screens/GridScreen.vue'), meta: { title: 'portal.grid.title' } },
  { path: '/g/:code', component: () => import('./screens/GridScreen.vue'), props: { atDoor: true }, meta: { title: 'portal.grid.title' } },
  { path: '/board/:code', component: () => import('./screens/BoardScreen.vue'), meta: { title: 'portal.board.title' } },
  { path: '/help', component: () => import('./screens/HelpScreen.vue'), meta: { title: 'portal.help.title' } },
  { path: '/:rest(.*)*', component: () => import('./screens/LostScreen.vue'), meta: { title: 'portal.lost.title' } },
]
