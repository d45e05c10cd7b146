import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { alone } from './fileLock.ts';

describe('a file that one process holds', () => {
  let path = '';
  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'winnow-lock-')), 'build.lock');
  });

  it('is refused to another until the first is gone, even killed', async () => {
    const code = `import { alone } from ${JSON.stringify(join(import.meta.dirname, 'fileLock.ts'))};
      await alone(${JSON.stringify(path)}, '', async () => { console.log('held'); await new Promise((end) => setTimeout(end, 60_000)); });`;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code]);
    await once(holder.stdout, 'data');
    await expect(alone(path, 'busy', async () => 1)).rejects.toThrow('busy');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(await alone(path, 'busy', async () => 2)).toBe(2);
    expect(await alone(path, 'busy', async () => 3)).toBe(3);
  });

  it('says where it cannot be', async () => {
    await mkdir(path, { recursive: true });
    await expect(alone(path, 'busy', async () => 1)).rejects.toThrow(`${path} cannot be opened`);
  });

  it('is free again after work that failed, and made anew where it is a piece', async () => {
    await expect(
      alone(path, 'busy', async () => {
        throw new Error('work');
      }),
    ).rejects.toThrow('work');
    for (const piece of ['', 'DUCK']) {
      await writeFile(path, piece);
      expect(await alone(path, 'busy', async () => piece)).toBe(piece);
    }
  });
});
