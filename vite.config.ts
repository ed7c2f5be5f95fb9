import { defineConfig } from 'vite'

/** The scripts of our pages, as modules with stable names; the static files storage adds the hash. */
export default defineConfig({
  build: {
    outDir: 'static/kibitz',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    rollupOptions: {
      input: { home: 'widget/src/pages/home.ts' },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  publicDir: false,
})
