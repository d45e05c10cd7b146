import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeFileAtomically } from '../src/files/atomic.ts';
import { ROOT } from './root.ts';

/*
 * `npm run build`: the programs as JavaScript (docs/decisions/programs.md). Files lie one folder below the project's, as its
 * programs do, so that paths from one are those from the other.
 */
const FOLDER = join(ROOT, 'build');

const { outputFiles } = await build({
  absWorkingDir: ROOT,
  entryPoints: {
    service: 'online/main.ts',
    offline: 'offline/main.ts',
    bench: 'scripts/bench/main.ts',
    // Threads start from files of their own.
    onnxThread: 'src/adapters/encoders/onnxThread.ts',
    useLiteThread: 'src/adapters/encoders/useLiteThread.ts',
  },
  outdir: FOLDER,
  bundle: true,
  // What is loaded only where it is needed stays in a file of its own.
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
  write: false,
});
await mkdir(FOLDER, { recursive: true });
// Nothing is written anew that is as it was: another program may be about to read it.
for (const { path, contents } of outputFiles) {
  const before = await readFile(path).catch(() => undefined);
  if (before === undefined || !before.equals(contents)) await writeFileAtomically(path, contents);
}
