import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openLmdbEventLog } from '../../src/adapters/lmdb/eventLog.ts';
import { UnavailableError } from '../../src/domain/errors.ts';
import { makeShop } from '../e2e/harness.ts';

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

test.runIf(hasPrlimit)(
  'the service answers 507 while its disk is full, counts all it accepted, and goes on by itself when there is room',
  { timeout: 180_000 },
  async () => {
    const shop = await makeShop({ items: 60, users: 20 });
    await shop.command('build-index');
    const files = execFileSync('find', [shop.workspace, '-type', 'f', '-printf', '%s\\n'], { encoding: 'utf8' });
    const kilobytes = Math.ceil(Math.max(...files.split('\n').map(Number)) / 1024) + 4096;
    const serve = `exec "${process.execPath}" --import tsx online/main.ts serve --port 0 --config "${shop.config}" --workspace "${shop.workspace}"`;
    const child = spawn('bash', ['-c', `ulimit -S -f ${kilobytes}; ${serve}`], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const url = await new Promise<string>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          const found = /http:\/\/[\d.]+:\d+/.exec(chunk.toString());
          if (found !== null) resolve(found[0]);
        });
      });
      let sent = 0;
      const accepted = new Set<string>();
      const post = async (): Promise<{ status: number; retryAfter: string | null }> => {
        const events = Array.from({ length: 200 }, () => ({
          id: `full-${sent++}`,
          type: 'click',
          schemaVersion: 1,
          occurredAt: Date.now(),
          payload: { userId: `u${sent % 20}`, itemId: `i${sent % 60}`, page: randomBytes(1500).toString('hex') },
        }));
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${url}/events`, { method: 'POST', headers, body: JSON.stringify({ events }) });
        if (answer.status === 202) for (const { id } of events) accepted.add(id);
        return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
      };
      let answer = await post();
      for (let i = 0; i < 100 && answer.status === 202; i++) answer = await post();
      expect(answer.status).toBe(507);
      expect(Number(answer.retryAfter)).toBeGreaterThan(0);
      expect((await fetch(`${url}/recommend?userId=u1&record=false`)).status).toBe(200);
      execFileSync('prlimit', ['--pid', String(child.pid), '--fsize=unlimited:unlimited']);
      for (let i = 0; i < 100 && answer.status !== 202; i++) {
        answer = await post();
        await sleep(100);
      }
      expect(answer.status).toBe(202);
      const statusSchema = z.object({
        topics: z.array(z.object({ topic: z.string(), records: z.number() })),
        groups: z.array(z.object({ lag: z.number() })),
        invalid: z.array(z.unknown()),
        deadLetters: z.array(z.unknown()),
      });
      const status = async () => statusSchema.parse(await (await fetch(`${url}/pipeline`)).json());
      let now = await status();
      for (let i = 0; i < 300 && now.groups.some(({ lag }) => lag > 0); i++) {
        await sleep(100);
        now = await status();
      }
      expect(now).toMatchObject({ invalid: [], deadLetters: [], groups: [{ lag: 0 }, { lag: 0 }, { lag: 0 }] });
      const records = now.topics.find(({ topic }) => topic === 'raw-events')?.records;
      expect(records).toBe(accepted.size);
    } finally {
      const closed = once(child, 'exit');
      child.kill('SIGTERM');
      await closed;
      await shop.remove();
    }
  },
);

test('too little free space is refused before the disk is full', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-full-'));
  const log = await openLmdbEventLog(folder, { minFreeBytes: 1e18 });
  const refused = await log.append('raw-events', [{ key: 'k', value: 1 }]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UnavailableError);
  expect(refused).toMatchObject({ status: 507 });
  await log.close();
  await rm(folder, { recursive: true });
});
