import { fileURLToPath } from 'node:url';

/*
 * Builds the playground after an install. Vite is a development tool: an install without those (`npm ci --omit=dev`) leaves
 * the playground out, and the service says so at its start.
 */
const vite = await import('vite').catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('The playground is not built: vite, a development dependency, is not installed.\n');
  return undefined;
});
await vite?.build({ root: fileURLToPath(new URL('.', import.meta.url)) });
