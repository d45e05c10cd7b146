import { describe, expect, test } from 'vitest';
import { MemoryEventLog } from '../../src/adapters/memory/eventLog.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { loadInteractions } from './interactions.ts';

const config = { eventTypes: { click: { weight: 1 }, hide: { weight: -1 } } };
const items = ['a', 'b', 'c'].map((id) => ({ id }));

const action = (
  id: string,
  who: { userId?: string; sessionId?: string },
  itemId: string,
  occurredAt: number,
  type = 'click',
) => ({
  key: 'k',
  value: { kind: 'action', id, type, occurredAt, itemId, ...who },
});

async function logOf(
  events: readonly { key: string; value: JsonValue }[],
  changes: readonly { key: string; value: JsonValue }[] = [],
) {
  let now = 1000;
  const log = new MemoryEventLog(() => now);
  await log.append('enriched-events', events);
  now = 2000;
  await log.append('catalogue', changes);
  return { log, later: (time: number) => (now = time) };
}

describe('loadInteractions', () => {
  test('takes each event once, by actor and time, and leaves out unknown items and impressions', async () => {
    const { log } = await logOf([
      action('2', { userId: 'u' }, 'b', 20),
      action('1', { userId: 'u' }, 'a', 10),
      action('2', { userId: 'u' }, 'b', 20),
      action('3', { sessionId: 's' }, 'c', 5, 'hide'),
      action('4', { userId: 'u' }, 'gone', 30),
      { key: 'k', value: { kind: 'impression', id: '5', occurredAt: 1, requestId: 'r', items: [{ id: 'a', position: 1 }] } },
    ]);
    const got = await loadInteractions(log, items, config);
    expect(got.actors).toEqual(['session:s', 'user:u']);
    expect([...got.offsets]).toEqual([0, 1, 3]);
    expect([...got.items]).toEqual([2, 0, 1]);
    expect([...got.weights]).toEqual([-1, 1, 1]);
    expect(got.itemCount).toBe(3);
    expect(got.impressions).toBe(1);
  });

  test('an erased user has nothing from before the erasure, not even by a later import', async () => {
    const { log, later } = await logOf(
      [action('1', { userId: 'u' }, 'a', 10), action('2', { userId: 'v' }, 'a', 10)],
      [{ key: 'user:u', value: { kind: 'user.delete', id: 'u', origin: 'live' } }],
    );
    later(3000);
    await log.append('enriched-events', [action('3', { userId: 'u' }, 'b', 500), action('4', { userId: 'u' }, 'c', 2500)]);
    const got = await loadInteractions(log, items, config);
    expect(got.actors).toEqual(['user:u', 'user:v']);
    expect([...got.items]).toEqual([2, 0]);
  });

  test('a merged session is the user it was merged into', async () => {
    const { log } = await logOf(
      [action('1', { sessionId: 's' }, 'a', 10), action('2', { userId: 'u' }, 'b', 5)],
      [{ key: 'user:u', value: { kind: 'user.merge', from: { sessionId: 's' }, into: 'u', origin: 'live' } }],
    );
    const got = await loadInteractions(log, items, config);
    expect(got.actors).toEqual(['user:u']);
    expect([...got.items]).toEqual([1, 0]);
  });

  test('an empty log and an empty catalogue give nothing', async () => {
    const { log } = await logOf([]);
    const got = await loadInteractions(log, [], config);
    expect(got.actors).toEqual([]);
    expect([...got.offsets]).toEqual([0]);
    expect(got.itemCount).toBe(0);
  });
});
