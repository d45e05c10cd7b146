import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openLmdbEventLog } from './eventLog.ts';

const OPENERS = 4;
const STOPS = 3000;
const adapter = JSON.stringify(join(import.meta.dirname, 'eventLog.ts'));

test('what one process appends is there, however slowly another opens the log', { timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-openings-'));
  const append = run(`
    const log = await openLmdbEventLog(${JSON.stringify(folder)});
    for (let n = 0; ; n++) {
      await log.append('raw-events', [{ key: 'user:a', value: n }]);
      console.log(n);
    }`);
  const acknowledged: number[] = [];
  createInterface({ input: append.stdout! }).on('line', (line) => acknowledged.push(Number(line)));
  await once(append.stdout!, 'data');
  const openers = Array.from({ length: OPENERS }, () =>
    run(`
    console.log('starts');
    for (;;) {
      const log = await openLmdbEventLog(${JSON.stringify(folder)});
      await log.close();
    }`),
  );
  await Promise.all(openers.map((opener) => once(opener.stdout!, 'data')));
  // Stopped at any instruction, as on a busy machine.
  const disturb = async (opener: ChildProcess): Promise<void> => {
    for (let stop = 0; stop < STOPS; stop++) {
      opener.kill('SIGSTOP');
      await sleep(8);
      opener.kill('SIGCONT');
      await sleep(Math.random() * 2);
    }
  };
  try {
    await Promise.all(openers.map(disturb));
    expect(append.exitCode).toBe(null);
  } finally {
    for (const child of [append, ...openers]) child.kill('SIGKILL');
  }
  const log = await openLmdbEventLog(folder);
  const stored = new Set<unknown>();
  for await (const batch of log.read('raw-events')) for (const record of batch) stored.add(record.value);
  await log.close();
  await rm(folder, { recursive: true });
  expect(acknowledged.length).toBeGreaterThan(10);
  expect(acknowledged.filter((n) => !stored.has(n))).toEqual([]);
});

function run(code: string): ChildProcess {
  const script = `import { openLmdbEventLog } from ${adapter};${code}`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
