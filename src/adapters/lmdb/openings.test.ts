import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventLog } from '../../ports/eventLog.ts';
import { FileLock } from '../folder/fileLock.ts';
import { openLmdbEventLog } from './eventLog.ts';
import { Openings } from './openings.ts';

let folder = '';
let log: EventLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-openings-'));
  log = await openLmdbEventLog(folder);
});
afterEach(async () => {
  await log.close();
  await rm(folder, { recursive: true });
});

const append = () => log.append('raw-events', [{ key: 'user:a', value: 1 }]);
/** Whether a promise is still not settled when others had their turn. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => false), sleep(100).then(() => true)]);
}

test('an append waits for an opening in another process, and is made after it', async () => {
  const opening = [await FileLock.open(join(folder, 'opening.lock')), await FileLock.open(join(folder, 'commit.lock'))];
  for (const lock of opening) await lock.hold();
  const appended = append();
  expect(await waits(appended)).toBe(true);
  expect(await log.end('raw-events')).toEqual({ '0': 0 });
  for (const lock of opening) await lock.close();
  await appended;
  expect(await log.end('raw-events')).toEqual({ '0': 1 });
});

test('an opening waits for the commit at work, and no other passes it', async () => {
  const { openings } = await Openings.open(folder, () => {});
  let finish = (): void => {};
  const commit = openings.commit(() => new Promise<void>((resolve) => (finish = resolve)));
  const order: string[] = [];
  await sleep(10);
  const opened = openLmdbEventLog(folder).then((other) => {
    order.push('opened');
    return other.close();
  });
  expect(await waits(opened)).toBe(true);
  const appended = append().then(() => order.push('appended'));
  expect(await waits(appended)).toBe(true);
  finish();
  await Promise.all([commit, opened, appended]);
  expect(order).toEqual(['opened', 'appended']);
  await openings.close();
});

test('commits pass while nobody opens, also beside those of others', async () => {
  const { openings } = await Openings.open(folder, () => {});
  let finish = (): void => {};
  const commit = openings.commit(() => new Promise<void>((resolve) => (finish = resolve)));
  await sleep(10);
  await append();
  finish();
  await commit;
  await openings.close();
});

test('an opening that fails leaves the way free', async () => {
  await expect(
    Openings.open(folder, () => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await append();
});
