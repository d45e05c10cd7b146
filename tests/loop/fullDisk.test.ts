import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openLmdbEventLog } from '../../src/adapters/lmdb/eventLog.ts';
import { UnavailableError } from '../../src/domain/errors.ts';

const reportSchema = z.object({
  acknowledged: z.number(),
  read: z.number(),
  status: z.number().nullish(),
  message: z.string().optional(),
});

const hasPrlimit = process.platform === 'linux';
if (!hasPrlimit) console.warn('the full disk is not tested: limits of file size are set with prlimit, which only Linux has');

test.runIf(hasPrlimit)(
  'a full disk is answered with 507, what was acknowledged is there, and it goes on when there is room',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'winnow-full-'));
    const command = `ulimit -S -f 8192; exec "${process.execPath}" --import tsx tests/loop/fullDisk.ts "${folder}"`;
    const child = spawn('bash', ['-c', command], { stdio: ['pipe', 'pipe', 'ignore'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => reportSchema.parse(JSON.parse((await lines.next()).value ?? 'null'));
    const full = await next();
    expect(full).toMatchObject({ status: 507, message: expect.stringContaining('is full') });
    expect(full.acknowledged).toBeGreaterThan(10);
    expect(full.read).toBe(full.acknowledged);
    execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited']);
    child.stdin.write('room\n');
    const after = await next();
    expect(after.acknowledged).toBe(full.acknowledged + 100);
    expect(after.read).toBe(after.acknowledged);
    await rm(folder, { recursive: true });
  },
);

test('too little free space is refused before the disk is full', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-full-'));
  const log = openLmdbEventLog(folder, { minFreeBytes: 1e18 });
  const refused = await log.append('raw-events', [{ key: 'k', value: 1 }]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UnavailableError);
  expect(refused).toMatchObject({ status: 507 });
  await log.close();
  await rm(folder, { recursive: true });
});
