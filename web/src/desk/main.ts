import { startFace } from '@/shared/face'
import App from './App.vue'
import { routes } from './routes'

void startFace({
  name: 'desk',
  base: '/desk/',
  root: App,
  routes,
  words: { 'zh-CN': () => import('./locales/zh-CN').then((m) => m.zh), en: () => import('./locales/en').then((m) => m.en) },
})
