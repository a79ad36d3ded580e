import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { fieldWorker } from './fieldworker'
import { compiledWords } from './words'

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

/**
 * What is needed together, in few files: each is a request of its own on a slow network, and read by the phone in a turn
 * of its own.
 */
const pieces: [string, RegExp][] = [
  ['start', /vite\/preload-helper|\/src\/shared\/(turn|device|api\/ahead|i18n\/words)\.ts/],
  ['vue', /\/node_modules\/@?vue\/|\/src\/shared\/start\/vue\.ts/],
  ['parts', /\/node_modules\/(vue-router|vue-i18n|@intlify|@tanstack|openapi-fetch)\/|\/src\/shared\/start\/parts\.ts/],
  ['shared', /\/src\/shared\/(face|preferences|later|time|photo|i18n\/index|api\/(client|identifier)|style\/.*)\./],
  ['shared', /\/src\/shared\/parts\/(AppIcon|icons|SealMark|StateBlock|ProblemNote)\./],
  ['forms', /\/src\/shared\/parts\/(ActionForm|FormControl|UnitPicker|addressees|PhotoInput)\./],
  ['course', /\/src\/shared\/parts\/(FlowRibbon|ClockBadge|DutyPhone)\./],
]

// One entry per face, so that a resident's phone loads the portal only. The program serves what is built from its own
// binary; `npm run dev` asks a running one (LINLI_URL) for everything but the faces.
export default defineConfig({
  plugins: [vue(), compiledWords(), fieldWorker(), facePages],
  resolve: { alias: { '@': here('./src') } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true, // the words come compiled, see words.ts
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    target: ['chrome87', 'safari14', 'firefox90'],
    outDir: 'dist/faces',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    manifest: true, // read and removed by scripts/pages.mjs
    rollupOptions: {
      input: {
        portal: here('index.html'),
        field: here('field/index.html'),
        desk: here('desk/index.html'),
        sw: here('src/field/sw.ts'),
      },
      // a service worker's address must not change with its content, and it answers for what lies beside it
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'field/sw.js' : 'assets/[name]-[hash].js'),
        manualChunks: (id) => pieces.find(([, files]) => files.test(id))?.[0],
      },
    },
  },
  server: { proxy: { '/api': process.env['LINLI_URL'] ?? 'http://127.0.0.1:8080' } },
})
