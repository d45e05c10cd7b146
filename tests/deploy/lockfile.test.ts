import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';

const names = z.record(z.string(), z.string()).default({});
const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dependencies: names, optionalDependencies: names })) });

// A lockfile written where a registry lacks some platform's build leaves that build out, and `npm ci` then refuses it.
it('the lockfile has every package that its packages may want, on every platform', async () => {
  const { packages } = lockSchema.parse(JSON.parse(await readFile('package-lock.json', 'utf8')));
  const found = (from: string, name: string): boolean => {
    if (`${from === '' ? '' : `${from}/`}node_modules/${name}` in packages) return true;
    if (from === '') return false;
    const parent = from.lastIndexOf('/node_modules/');
    return found(parent < 0 ? '' : from.slice(0, parent), name);
  };
  const missing = Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !found(path, name))
      .map((name) => `${path} wants ${name}`),
  );
  expect(missing).toEqual([]);
});
