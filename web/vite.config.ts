import { defineConfig } from 'vite';

const routes = [
  'about',
  'recommend',
  'search',
  'suggest',
  'rank',
  'items',
  'users',
  'events',
  'explain',
  'rules',
  'pipeline',
  'replay',
];

/** `npx vite web` serves the page with live reload against a service on its usual port. */
export default defineConfig({
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', reportCompressedSize: false },
  server: { proxy: { [`^/(${routes.join('|')})([/:?]|$)`]: 'http://127.0.0.1:3000' } },
  logLevel: 'warn',
});
