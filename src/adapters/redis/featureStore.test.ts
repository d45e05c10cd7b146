import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnavailableError } from '../../domain/errors.ts';
import { featureStoreConformance } from '../../ports/conformance/featureStore.ts';
import { openRedisFeatureStore } from './featureStore.ts';

const PORT = 21_400;
const url = `redis://127.0.0.1:${PORT}`;
let folder: string;
let stores = 0;
const redis = (command: 'start' | 'stop') =>
  execFileSync('bash', ['scripts/services/redis.sh', command, folder, String(PORT)], { stdio: 'inherit' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-redis-'));
  redis('start');
});
afterAll(async () => {
  redis('stop');
  await rm(folder, { recursive: true });
});

const open = (prefix: string) => openRedisFeatureStore({ kind: 'redis', url, prefix });

featureStoreConformance('Redis', async () => {
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

describe('a Redis that goes away', () => {
  test('makes calls fail soon, and is used again when it is back, with what it had', async () => {
    const store = open('away');
    await store.commit({ consumer: 'c', partition: 0, nextOffset: 1, puts: new Map([['user:a', { features: { n: 1 } }]]) });
    redis('stop');
    const started = performance.now();
    await expect(store.getMany(['user:a'])).rejects.toBeInstanceOf(UnavailableError);
    expect(performance.now() - started).toBeLessThan(10_000);
    redis('start');
    let states: unknown[] = [];
    for (let i = 0; i < 100 && states.length === 0; i++) {
      states = await store.getMany(['user:a']).catch(() => []);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(states).toEqual([{ features: { n: 1 } }]);
    await store.close();
  });
});
