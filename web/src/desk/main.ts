import { startFace } from '@/shared/face'
import App from './App.vue'
import { en } from './locales/en'
import { zh } from './locales/zh-CN'
import { routes } from './routes'

startFace({ name: 'desk', base: '/desk/', root: App, routes, words: { 'zh-CN': zh, en } })
