import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { decodeBlock, encodeBlock } from './blocks.ts';
import { openLmdbEventLog } from './eventLog.ts';

const PAGE = 4096;
/** The first two pages say which of the others count; a commit writes one of them, last, in one sector. */
const HEADER_PAGES = 2;

test('a power cut that left only some pages of a commit leaves the log as it was before that commit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-torn-'));
  const live = join(folder, 'live');
  const random = seededRandom(3);
  const entries = (n: number) =>
    Array.from({ length: 40 }, (_, i) => ({ key: `user:${i % 3}`, value: { n, i, text: random().toString(36).repeat(20) } }));
  const count = async (path: string): Promise<number> => {
    const log = await openLmdbEventLog(path);
    let records = 0;
    for await (const batch of log.read('raw-events')) records += batch.length;
    await log.close();
    return records;
  };
  for (let round = 1; round <= 8; round++) {
    const before = await readFile(join(live, 'data.mdb')).catch(() => Buffer.alloc(0));
    const log = await openLmdbEventLog(live);
    await log.append('raw-events', entries(round));
    await log.close();
    const after = await readFile(join(live, 'data.mdb'));
    if (before.length === 0) continue;
    const torn = Buffer.alloc(Math.max(before.length, after.length));
    for (let page = 0; page * PAGE < torn.length; page++) {
      const isNew = page >= HEADER_PAGES && random() < 0.5;
      torn.set((isNew ? after : before).subarray(page * PAGE, (page + 1) * PAGE), page * PAGE);
    }
    const path = join(folder, `torn${round}`);
    await mkdir(path);
    await writeFile(join(path, 'data.mdb'), torn);
    expect(await count(path)).toBe(40 * (round - 1));
    const again = await openLmdbEventLog(path);
    await again.append('raw-events', entries(round));
    await again.close();
    expect(await count(path)).toBe(40 * round);
  }
  await rm(folder, { recursive: true });
});

test('bytes that rotted on the disk are told, not served', () => {
  const bytes = encodeBlock([{ key: 'user:a', value: { n: 1 } }], 5);
  expect(decodeBlock(bytes, 7)).toEqual([{ key: 'user:a', value: { n: 1 }, partition: 0, offset: 7, appendedAt: 5 }]);
  bytes[bytes.length - 3]! ^= 1;
  expect(() => decodeBlock(bytes, 7)).toThrow(/damaged at offset 7/);
});
