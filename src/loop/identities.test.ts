import { expect, test } from 'vitest';
import { MemoryEventLog } from '../adapters/memory/eventLog.ts';
import type { CatalogueChange } from '../domain/event.ts';
import { readIdentities } from './identities.ts';
import { changeJson } from './toJson.ts';

async function identities(changes: readonly CatalogueChange[]) {
  let now = 0;
  const log = new MemoryEventLog(() => ++now);
  for (const change of changes) await log.append('catalogue', [{ key: 'user:x', value: changeJson(change) }]);
  return readIdentities(log);
}
const merge = (from: { userId?: string; sessionId?: string }, into: string): CatalogueChange => ({
  kind: 'user.merge',
  from,
  into,
  origin: 'live',
});
const erase = (id: string): CatalogueChange => ({ kind: 'user.delete', id, origin: 'live' });

test('who was erased takes along everybody who became them, and nobody else', async () => {
  const found = await identities([
    merge({ sessionId: 's1' }, 'a'),
    merge({ userId: 'a' }, 'b'),
    merge({ sessionId: 's2' }, 'b'),
    merge({ sessionId: 's3' }, 'c'),
    merge({ userId: 'b' }, 'a'),
    erase('b'),
    merge({ sessionId: 's1' }, 'c'),
  ]);
  expect([...found.erased.keys()].sort()).toEqual(['session:s1', 'session:s2', 'user:a', 'user:b']);
  expect(found.userOf('session:s3')).toBe('c');
  expect(found.userOf('session:s1')).toBe('c');
  expect(found.isErased('session:s1', 6)).toBe(true);
  expect(found.isErased('session:s1', 7)).toBe(false);
});

test('somebody who became another before the erasure is not erased with the first', async () => {
  const found = await identities([merge({ sessionId: 's' }, 'a'), merge({ sessionId: 's' }, 'b'), erase('a')]);
  expect([...found.erased.keys()]).toEqual(['user:a']);
  expect(found.userOf('session:s')).toBe('b');
});

test('many erasures among many who merged are read quickly', async () => {
  const people = 20_000;
  const merges = Array.from({ length: people }, (_, i) => merge({ sessionId: `s${i}` }, `u${i}`));
  const started = process.cpuUsage();
  const found = await identities([...merges, ...Array.from({ length: people / 2 }, (_, i) => erase(`u${i}`))]);
  expect(found.erased.size).toBe(people);
  // One look at everybody for each erasure would take a minute.
  expect(process.cpuUsage(started).user / 1e6).toBeLessThan(20);
});
