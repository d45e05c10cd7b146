import { expect, test } from 'vitest';
import { MemoryEventLog } from '../adapters/memory/eventLog.ts';
import type { Action, CatalogueChange } from '../domain/event.ts';
import { eventKey } from './eventKey.ts';
import { maintainLog } from './maintain.ts';
import { readEvents } from './readEvents.ts';
import { changeJson, eventJson } from './toJson.ts';

test('training does not see what was erased, merged events are the user’s, repeats come once; then the log forgets, and by age', async () => {
  let now = 1_700_000_000_000;
  const log = new MemoryEventLog(() => now);
  const act = async (action: Partial<Action> & { id: string }) => {
    const event: Action = { kind: 'action', type: 'click', occurredAt: now, itemId: 'i', ...action };
    await log.append('enriched-events', [{ key: eventKey(event, event.id), value: eventJson(event) }]);
    await log.append('raw-events', [{ key: eventKey(event, event.id), value: eventJson(event) }]);
    now++;
  };
  const change = async (key: string, value: CatalogueChange) => {
    await log.append('catalogue', [{ key, value: changeJson(value) }]);
    now++;
  };
  const seen = async () => {
    const found: string[] = [];
    for await (const batch of readEvents(log))
      found.push(...batch.map((event) => `${event.id}:${event.userId ?? event.sessionId}`));
    return found;
  };
  await act({ id: 'a', userId: 'anna' });
  await act({ id: 'b', sessionId: 's1' });
  await act({ id: 'b', sessionId: 's1' });
  await act({ id: 'c', sessionId: 's2' });
  await change('user:anna', { kind: 'user.put', user: { id: 'anna', fields: { age: 3 } }, origin: 'live' });
  await change('user:anna', { kind: 'user.merge', from: { sessionId: 's1' }, into: 'anna', origin: 'live' });
  await change('user:bert', { kind: 'user.merge', from: { sessionId: 's2' }, into: 'bert', origin: 'live' });
  expect(await seen()).toEqual(['a:anna', 'b:anna', 'c:bert']);
  await change('user:anna', { kind: 'user.delete', id: 'anna', origin: 'live' });
  expect(await seen()).toEqual(['c:bert']);
  await act({ id: 'd', userId: 'anna' });
  expect(await seen()).toEqual(['c:bert', 'd:anna']);

  const config = { loop: { retentionDays: 10 } };
  const { removed, erasedUntil } = await maintainLog({ log, config, clock: () => now });
  expect(removed).toEqual({
    'raw-events': 3,
    'enriched-events': 3,
    'invalid-events': 0,
    'dead-letter-events': 0,
    catalogue: 1,
  });
  expect(await seen()).toEqual(['c:bert', 'd:anna']);
  const byTopic = { loop: { retentionDays: { 'raw-events': 5 } } };
  const later = now + 6 * 24 * 3_600_000;
  // Nobody was erased since: only what is old goes, of the topics that have a bound.
  expect((await maintainLog({ log, config: byTopic, clock: () => later }, erasedUntil)).removed).toEqual({ 'raw-events': 2 });
  expect(await seen()).toEqual(['c:bert', 'd:anna']);
  const last = await maintainLog({ log, config, clock: () => now + 11 * 24 * 3_600_000 }, erasedUntil);
  expect(last.removed).toMatchObject({ 'enriched-events': 2 });
  expect(await seen()).toEqual([]);
});
