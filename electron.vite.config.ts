// Builds both hosts and the four children (an entry each), the preload (CommonJS, as a sandboxed one must be) and the screen, into out/.
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const here = (...parts: string[]): string => join(import.meta.dirname, ...parts);

/** Packages stay packages: two of them are native, and none gains by being copied into the bundle. */
const packages = /^(?![./\0]|[A-Za-z]:[\\/])/;

export default defineConfig({
  main: {
    build: {
      outDir: here('out', 'main'),
      sourcemap: true,
      rollupOptions: {
        // Native packages stay packages: their binaries are found beside them, and are unpacked from the archive of the app.
        external: [packages],
        input: {
          desktop: here('src-main', 'desktop', 'main.ts'),
          headless: here('src-main', 'headless', 'main.ts'),
          collector: here('src-main', 'collector', 'main.ts'),
          store: here('src-main', 'store', 'main.ts'),
          analyst: here('src-main', 'analyst', 'main.ts'),
          rehearsal: here('src-main', 'rehearsal', 'main.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: here('out', 'preload'),
      rollupOptions: {
        input: { preload: here('src-main', 'desktop', 'preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: here('src-renderer'),
    plugins: [react()],
    build: {
      outDir: here('out', 'renderer'),
      sourcemap: true,
      minify: true,
      // Everything from files of our own: the screen's policy allows nothing inline.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: here('src-renderer', 'index.html') },
    },
  },
});
