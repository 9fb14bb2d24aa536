import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.PLUMBLINE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy: { '/public': server } },
  build: {
    target: 'es2022',
    // These know light-dark(); for older ones it would be rewritten into variables that Mantine does not set.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Below the measured budget of scripts/first-load.mjs, one file beats several.
    chunkSizeWarningLimit: 700,
    manifest: true,
    // Inlined assets would be data: scripts and styles to the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'] },
});
