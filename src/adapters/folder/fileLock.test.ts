import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { alone, FileLock } from './fileLock.ts';

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

  it('is free again after work that failed', async () => {
    await expect(
      alone(path, 'busy', async () => {
        throw new Error('work');
      }),
    ).rejects.toThrow('work');
    expect(await alone(path, 'busy', async () => 1)).toBe(1);
  });

  it('is shared by those who share it, and waited for by one who wants it alone', async () => {
    const [first, second, third] = [await FileLock.open(path), await FileLock.open(path), await FileLock.open(path)];
    expect(first.tryHold({ shared: true })).toBe(true);
    expect(second.tryHold({ shared: true })).toBe(true);
    let alone = false;
    const held = third.hold().then(() => {
      alone = true;
    });
    first.release();
    await sleep(50);
    expect(alone).toBe(false);
    second.release();
    await held;
    expect(first.tryHold({ shared: true })).toBe(false);
    for (const lock of [first, second, third]) await lock.close();
  });
});
