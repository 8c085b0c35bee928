import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npx vite console` serves it for development; the gateway it talks to is SPOOL_URL. */
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  // hls.js is 580 kB, and fetched only where there is a stream.
  build: { outDir: '../dist/console', emptyOutDir: true, sourcemap: false, chunkSizeWarningLimit: 600 },
  server: { proxy: { '/v1': { target: process.env.SPOOL_URL ?? 'http://127.0.0.1:7700' } } },
});
