import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { fieldWorker } from './fieldworker'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** While developing, every address of a face is drawn by its page, as the program does it. */
const facePages: Plugin = {
  name: 'linli-face-pages',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      const face = /^\/(field|desk)(?:\/[^.?]*)?(?:\?.*)?$/.exec(request.url ?? '')?.[1]
      if (face) request.url = `/${face}/index.html`
      next()
    })
  },
}

// One entry per face, so that a resident's phone loads the portal only. The program serves what is built from its own
// binary; `npm run dev` asks a running one (LINLI_URL) for everything but the faces.
export default defineConfig({
  plugins: [vue(), fieldWorker(), facePages],
  resolve: { alias: { '@': here('./src') } },
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false, __VUE_I18N_LEGACY_API__: false, __INTLIFY_PROD_DEVTOOLS__: false },
  build: {
    target: ['chrome87', 'safari14', 'firefox90'],
    outDir: 'dist/faces',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        portal: here('index.html'),
        field: here('field/index.html'),
        desk: here('desk/index.html'),
        sw: here('src/field/sw.ts'),
      },
      // a service worker's address must not change with its content, and it answers for what lies beside it
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'field/sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': process.env['LINLI_URL'] ?? 'http://127.0.0.1:8080' } },
})
