// The parts beside Vue that every face begins with, as a piece that a page can read by itself (see vite.config.ts).
export { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
export { createI18n } from 'vue-i18n'
export { createRouter } from 'vue-router'
