// What every face is made of, as a piece that a page can read by itself before the rest (see vite.config.ts).
export { createApp } from 'vue'
