import { startFace } from '@/shared/face'
import App from './App.vue'
import { useField } from './field'
import { routes } from './routes'
import { watchForUpdates } from './update'

void startFace({
  name: 'field',
  base: '/field/',
  root: App,
  routes,
  words: { 'zh-CN': () => import('./locales/zh-CN').then((m) => m.zh), en: () => import('./locales/en').then((m) => m.en) },
})
watchForUpdates(() => !useField().onlyHere.value)
