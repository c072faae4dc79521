import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The server that `npm run dev` passes API calls on to.
const server = process.env['TELLTALE_HTTP'] ?? 'http://127.0.0.1:16686';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { host: '127.0.0.1', proxy: { '/api': server } },
  build: {
    target: 'es2023',
    // The first browsers that know light-dark(): a rewritten one would not follow the theme button.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Every asset is a file of its own: the page then needs no data: URL and a strict
    // content security policy can hold.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
