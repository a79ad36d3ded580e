import { startFace } from '@/shared/face'
import App from './App.vue'
import { useField } from './field'
import { en } from './locales/en'
import { zh } from './locales/zh-CN'
import { routes } from './routes'
import { watchForUpdates } from './update'

startFace({ name: 'field', base: '/field/', root: App, routes, words: { 'zh-CN': zh, en } })
watchForUpdates(() => !useField().onlyHere.value)
