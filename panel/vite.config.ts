import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { type Plugin, defineConfig } from 'vite';

const SERVER = process.env['DOLLARBOX_URL'] ?? 'http://localhost:8080';

/** The file of the font that every page begins with. */
const FIRST_FONT = /hanken-grotesk-latin-wght-normal-[^/]*\.woff2$/;

/** Lets the browser load the first font together with the styles, so that no text moves when it arrives. */
function fontPreload(): Plugin {
  return {
    name: 'font-preload',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((file) => FIRST_FONT.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'preload', href: `/${file}`, as: 'font', crossorigin: '' },
            injectTo: 'head',
          })),
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), fontPreload()],
  build: {
    manifest: true,
    target: 'es2023',
    // No data URLs: the content security policy allows only fonts of the same origin.
    assetsInlineLimit: 0,
  },
  // Start the server with PUBLIC_URL=http://localhost:5173, the origin of these requests.
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: SERVER, changeOrigin: false } },
  },
});
