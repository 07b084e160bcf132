import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER = process.env['DOLLARBOX_URL'] ?? 'http://localhost:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    manifest: true,
    target: 'es2023',
    // Nothing as data: the policy that the panel is served with allows fonts of its own origin only.
    assetsInlineLimit: 0,
  },
  // The server has to be started with PUBLIC_URL=http://localhost:5173, the origin that it is called from.
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: SERVER, changeOrigin: false } },
  },
});
