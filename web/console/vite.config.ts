// How the console is built: hashed files under /assets/, nothing inline, the API behind a proxy while developing.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const api = process.env.WEFT_API ?? 'http://127.0.0.1:8080';
// The API, and the front door that the console's snippets name.
const proxy = Object.fromEntries(['/api', '/v1/', '/sa'].map((path) => [path, { target: api, changeOrigin: false }]));

export default defineConfig({
  plugins: [react()],
  server: { port: 4620, proxy },
  preview: { port: 4622, proxy },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    modulePreload: { polyfill: false },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
