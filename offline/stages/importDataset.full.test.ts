import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLmdbEventLog } from '../../src/adapters/lmdb/eventLog.ts';
import { type Random, seededRandom } from '../../src/domain/random.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Imports in a process of its own, as a command does, and prints the report, its peak memory and its processor time. */
const PROGRAM = `
import { join } from 'node:path';
import { openTables } from '${root}src/adapters/duckdb/tables.ts';
import { openLmdbEventLog } from '${root}src/adapters/lmdb/eventLog.ts';
import { openLmdbFeatureStore } from '${root}src/adapters/lmdb/featureStore.ts';
import { loadConfig } from '${root}src/config/load.ts';
import { importDataset } from '${root}offline/stages/importDataset.ts';
const workspace = process.argv[2];
const config = await loadConfig({ config: process.argv[3], workspace, env: {} });
const tables = await openTables({ temporaryFolder: join(workspace, 'sort') });
const log = await openLmdbEventLog(join(workspace, 'log'));
const store = await openLmdbFeatureStore(join(workspace, 'store'));
let peak = 0;
const timer = setInterval(() => { peak = Math.max(peak, process.memoryUsage().rss); }, 20);
console.log('begun');
const report = await importDataset({ config, log, store, tables, clock: Date.now, progress: { note: () => {}, update: () => {} } });
clearInterval(timer);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ ...report, peak, seconds: (user + system) / 1e6 }));
await tables.close();
await log.close();
await store.close();
`;

describe('importDataset at size', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-import-full-'));
    await writeFile(join(folder, 'program.mjs'), PROGRAM);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const dataset = async (rows: number, random: Random) => {
    const items = Array.from({ length: 20_000 }, (_, i) => `item-${i},Title of ${i}`);
    await writeFile(join(folder, 'items.csv'), `id,title\n${items.join('\n')}\n`);
    const events = createWriteStream(join(folder, 'events.csv'));
    events.write('user,item,time\n');
    for (let row = 0; row < rows; ) {
      const lines: string[] = [];
      for (const end = Math.min(rows, row + 20_000); row < end; row++) {
        const time = 1_600_000_000 + Math.floor(random() * 100_000_000);
        lines.push(`user-${Math.floor(random() * rows * 0.02)},item-${Math.floor(random() * 20_000)},${time}\n`);
      }
      if (!events.write(lines.join(''))) await once(events, 'drain');
    }
    events.end();
    await once(events, 'close');
    await writeFile(
      join(folder, 'winnow.yaml'),
      'dataset:\n  items: { source: items.csv, id: id }\n  events: { source: events.csv, user: user, item: item, time: { column: time, unit: s } }\nfields: { title: { type: text } }\n',
    );
  };

  /** @param killAfter milliseconds after the import has begun */
  const run = async (killAfter?: number) => {
    const args = [
      '--import',
      `${root}node_modules/tsx/dist/esm/index.mjs`,
      join(folder, 'program.mjs'),
      join(folder, 'data'),
      join(folder, 'winnow.yaml'),
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (data) => {
      if (output === '' && killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
      output += String(data);
    });
    await once(child, 'close');
    const report = output.split('\n')[1];
    return report === undefined || report === '' ? undefined : JSON.parse(report);
  };

  const logged = async () => {
    const log = await openLmdbEventLog(join(folder, 'data', 'log'));
    const ids = new Set<unknown>();
    let count = 0;
    let time = 0;
    for await (const batch of log.read('enriched-events')) {
      for (const { value } of batch) {
        if (typeof value !== 'object' || value === null || !('id' in value) || !('occurredAt' in value))
          throw new Error('no event');
        ids.add(value.id);
        count++;
        expect(Number(value.occurredAt)).toBeGreaterThanOrEqual(time);
        time = Number(value.occurredAt);
      }
    }
    await log.close();
    return { distinct: ids.size, count };
  };

  it('takes a million events in less than a minute of processor time and a gigabyte and a half', async () => {
    await dataset(1_000_000, seededRandom(1));
    const report = await run();
    console.info(`1 M events: ${report.seconds.toFixed(1)} s of processor time, ${Math.round(report.peak / 1e6)} MB at most`);
    expect(report).toMatchObject({ events: 1_000_000, rejected: 0 });
    expect(report.seconds).toBeLessThan(60);
    expect(report.peak).toBeLessThan(1.5e9);
    expect(await logged()).toEqual({ distinct: 1_000_000, count: 1_000_000 });
  }, 600_000);

  it('loses and repeats nothing when it is killed at any moment and run again', async () => {
    const random = seededRandom(2);
    await dataset(40_000, random);
    for (let attempt = 0; attempt < 6; attempt++) await run(Math.floor(random() * 3000));
    expect(await run()).toMatchObject({ rejected: 0 });
    const { distinct, count } = await logged();
    expect({ distinct, count }).toEqual({ distinct: 40_000, count: 40_000 });
  }, 600_000);
});
