import { startFace } from '@/shared/face'
import App from './App.vue'
import { en } from './locales/en'
import { zh } from './locales/zh-CN'
import { routes } from './routes'
import { meetWindows } from './state/windows'
import './style.css'

startFace({ name: 'portal', base: '/', root: App, routes, words: { 'zh-CN': zh, en } })
meetWindows()
