import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EntityKey, entityKey } from '../../domain/state.ts';
import { featureStoreConformance } from '../../ports/conformance/featureStore.ts';
import { openRedisFeatureStore } from './featureStore.ts';

const PORT = 21_500;
const nodes = Array.from({ length: 6 }, (_, i) => `127.0.0.1:${PORT + i}`);
let folder = '';
let stores = 0;
const cluster = (command: string, ...rest: string[]) =>
  execFileSync('bash', ['scripts/services/redis-cluster.sh', command, folder, String(PORT), ...rest], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
const open = (prefix: string) => openRedisFeatureStore({ kind: 'redis', url: '', cluster: nodes, prefix });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-redis-cluster-'));
  cluster('start');
});
afterAll(async () => {
  cluster('stop');
  await rm(folder, { recursive: true });
});

featureStoreConformance('Redis Cluster', async () => {
  const prefix = `test${stores++}`;
  const store = open(prefix);
  const other = open(prefix);
  return {
    store,
    other,
    close: async () => {
      await store.close();
      await other.close();
    },
  };
});

const itemKeys = (count: number): EntityKey[] => Array.from({ length: count }, (_, i) => entityKey('item', `${i}`));

test('entities are spread over all masters', async () => {
  const store = open('spread');
  await store.commit({
    consumer: 'c',
    partition: 0,
    nextOffset: 1,
    puts: new Map(itemKeys(600).map((key) => [key, { features: {} }])),
  });
  const held = [0, 1, 2].map((n) =>
    Number(
      execFileSync('bash', ['-c', `redis-cli -p ${PORT + n} --scan --pattern 'spread:e:item:*' | wc -l`], { encoding: 'utf8' }),
    ),
  );
  expect(held.reduce((sum, count) => sum + count)).toBe(600);
  for (const count of held) expect(count).toBeGreaterThan(150);
  await store.close();
});

test('a commit whose writer was killed while it was applied is there whole, or not at all', async () => {
  const prefix = 'killed';
  const entities = 3000;
  const store = open(prefix);
  const keys = itemKeys(entities);
  for (let round = 0; round < 4; round++) {
    const args = ['--import', 'tsx', 'src/adapters/redis/clusterCommit.ts', JSON.stringify({ cluster: nodes, prefix, entities })];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = 0;
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      acknowledged = Number(line);
    });
    await once(lines, 'line');
    await sleep(30 * round);
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    // Whoever goes on first asks where the store is.
    const sequence = await store.sequence();
    const watermark = await store.watermark('c', 0);
    expect(watermark).toBe(sequence);
    expect(watermark).toBeGreaterThanOrEqual(acknowledged);
    const states = await store.getMany(keys);
    expect(new Set(states.map((state) => state?.features['n']))).toEqual(new Set([watermark]));
  }
  await store.close();
});

test('one who was slow does not undo what came after: neither a state nor a deletion', async () => {
  const slow = open('slow');
  const fast = open('slow');
  const keys = itemKeys(2000);
  let slowDone = false;
  const first = slow
    .commit({ consumer: 'c', partition: 0, nextOffset: 1, puts: new Map(keys.map((key) => [key, { features: { n: 1 } }])) })
    .finally(() => {
      slowDone = true;
    });
  while ((await fast.watermark('c', 0)) === 0) await sleep(1);
  const expected = await fast.sequence();
  const puts = new Map(keys.slice(0, 1000).map((key) => [key, { features: { n: 2 } }] as const));
  expect(await fast.commit({ consumer: 'c', partition: 0, nextOffset: 2, expected, puts, deletes: keys.slice(1000) })).toBe(true);
  while (!slowDone) await sleep(1);
  expect(await first).toBe(true);
  const states = await fast.getMany(keys);
  expect(states.filter((state) => state?.features['n'] === 2)).toHaveLength(1000);
  expect(states.filter((state) => state === undefined)).toHaveLength(1000);
  await slow.close();
  await fast.close();
});

test('a master that dies is replaced by its replica, and what was committed is there', async () => {
  const store = open('failover');
  const keys = itemKeys(300);
  const commit = (n: number) =>
    store.commit({ consumer: 'c', partition: 0, nextOffset: n, puts: new Map(keys.map((key) => [key, { features: { n } }])) });
  expect(await commit(1)).toBe(true);
  await sleep(500);
  cluster('kill', '0');
  let applied = false;
  for (let i = 0; i < 150 && !applied; i++) {
    applied = await commit(2).catch(() => false);
    if (!applied && (await store.watermark('c', 0).catch(() => 0)) === 2) break;
    await sleep(200);
  }
  await store.sequence();
  expect(await store.watermark('c', 0)).toBe(2);
  expect((await store.getMany(keys)).filter((state) => state?.features['n'] !== 2)).toEqual([]);
  await store.close();
}, 240_000);
