import { describe, expect, test } from 'vitest';
import { MemoryEventLog } from '../adapters/memory/eventLog.ts';
import { MemoryFeatureStore } from '../adapters/memory/featureStore.ts';
import type { Action, CatalogueChange, Impression } from '../domain/event.ts';
import { createStateFeatures, historyOf } from '../features/index.ts';
import { exposuresOf } from '../features/state/exposure.ts';
import { eventKey } from './eventKey.ts';
import { appendImpression } from './impressions.ts';
import { changeJson, eventJson } from './toJson.ts';
import { createUpdater } from './updater.ts';

const config = { eventTypes: { click: { weight: 1 } }, loop: { deduplicationMinutes: 60 } };

function setUp() {
  let now = 1_000_000_000_000;
  const log = new MemoryEventLog(() => now);
  const store = new MemoryFeatureStore();
  const updater = createUpdater({
    log,
    store,
    features: createStateFeatures({ historyLength: 100, attributionWindowMinutes: 1440 }),
    config,
    clock: () => now,
  });
  const act = (action: Partial<Action> & { id: string }) => {
    const full: Action = { kind: 'action', type: 'click', occurredAt: now, itemId: 'i1', ...action };
    return log.append('enriched-events', [{ key: eventKey(full, full.id), value: eventJson(full) }]);
  };
  const change = (value: CatalogueChange) => log.append('catalogue', [{ key: 'x', value: changeJson(value) }]);
  const state = async (key: `user:${string}` | `session:${string}` | `item:${string}`) => (await store.getMany([key]))[0];
  return {
    log,
    store,
    updater,
    act,
    change,
    state,
    history: async (key: `user:${string}` | `session:${string}`) => historyOf(await state(key)).map((entry) => entry.itemId),
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
  };
}

describe('the updater', () => {
  test('keeps histories, attributes and the feature time', async () => {
    const { act, change, updater, state, store, history, now } = setUp();
    await change({ kind: 'item.put', item: { id: 'i1', fields: { title: 'One' } }, origin: 'live' });
    await change({ kind: 'user.put', user: { id: 'u', fields: { age: 9 } }, origin: 'live' });
    await act({ id: 'a', userId: 'u' });
    await act({ id: 'b', userId: 'u', itemId: 'i2', occurredAt: now() - 1000 });
    await updater.catchUp();
    expect(await history('user:u')).toEqual(['i2', 'i1']);
    expect((await state('user:u'))?.fields).toEqual({ age: 9 });
    expect((await state('item:i1'))?.fields).toEqual({ title: 'One' });
    expect(await store.getMeta('featureTime')).toBe(now());
    await change({ kind: 'item.put', item: { id: 'i1', fields: { title: 'Uno' } }, origin: 'live' });
    await change({ kind: 'item.delete', id: 'i2', origin: 'live' });
    await updater.catchUp();
    expect((await state('item:i1'))?.fields).toEqual({ title: 'Uno' });
    expect((await state('item:i1'))?.features['popularity']).toBeDefined();
    expect(await state('item:i2')).toBeUndefined();
  });

  test('an impression never moves the feature time, and counts for each item once', async () => {
    const { log, updater, store, state, now } = setUp();
    const impression: Impression = {
      kind: 'impression',
      id: 'r1',
      requestId: 'r1',
      userId: 'u',
      occurredAt: now(),
      items: [
        { id: 'i1', position: 1 },
        { id: 'i2', position: 2 },
      ],
    };
    await appendImpression(log, impression);
    await appendImpression(log, impression);
    await updater.catchUp();
    expect(await store.getMeta('featureTime')).toBeUndefined();
    expect(exposuresOf(await state('item:i2'))).toBe(1);
  });

  test('an event that comes twice counts once within the horizon and again beyond it', async () => {
    const { act, updater, history, pass } = setUp();
    await act({ id: 'a', userId: 'u' });
    await act({ id: 'a', userId: 'u' });
    await updater.catchUp();
    pass(59 * 60_000);
    await act({ id: 'a', userId: 'u' });
    await updater.catchUp();
    expect(await history('user:u')).toEqual(['i1']);
    pass(2 * 60_000);
    await act({ id: 'b', userId: 'u', itemId: 'i2' });
    await updater.catchUp();
    await act({ id: 'a', userId: 'u' });
    await updater.catchUp();
    expect(await history('user:u')).toEqual(['i1', 'i2', 'i1']);
  });

  test('a store that was emptied is filled again from the log', async () => {
    const { act, log, updater } = setUp();
    await act({ id: 'a', userId: 'u' });
    await updater.catchUp();
    const store = new MemoryFeatureStore();
    const again = createUpdater({
      log,
      store,
      features: createStateFeatures({ historyLength: 100, attributionWindowMinutes: 1440 }),
      config,
      clock: Date.now,
    });
    await again.catchUp();
    expect(historyOf((await store.getMany(['user:u']))[0])).toHaveLength(1);
  });

  test('a log whose end was compacted away is caught up with', async () => {
    const { act, log, updater, history } = setUp();
    await act({ id: 'a', userId: 'u' });
    await act({ id: 'b', userId: 'gone' });
    await log.compact('enriched-events', (record) => record.key === 'user:gone');
    await updater.catchUp();
    expect(await history('user:u')).toHaveLength(1);
    await updater.catchUp();
  });

  test('a store that is ahead of the log is refused', async () => {
    const { act, store, updater } = setUp();
    await act({ id: 'a', userId: 'u' });
    await updater.catchUp();
    const other = createUpdater({
      log: new MemoryEventLog(),
      store,
      features: createStateFeatures({ historyLength: 100, attributionWindowMinutes: 1440 }),
      config,
      clock: Date.now,
    });
    await expect(other.catchUp()).rejects.toThrow(/do not belong together/);
  });

  test('two updaters on one log and store apply everything once', async () => {
    const { act, change, log, store, updater, history } = setUp();
    const other = createUpdater({
      log,
      store,
      features: createStateFeatures({ historyLength: 100, attributionWindowMinutes: 1440 }),
      config,
      clock: Date.now,
    });
    const stop = new AbortController();
    const running = [updater.run(stop.signal), other.run(stop.signal)];
    for (let i = 0; i < 50; i++) {
      await act({ id: `e${i}`, userId: `u${i % 5}`, itemId: `i${i}` });
      await change({ kind: 'user.put', user: { id: `u${i % 5}`, fields: { n: i } }, origin: 'live' });
    }
    await updater.catchUp();
    stop.abort();
    await Promise.all(running);
    for (let u = 0; u < 5; u++) expect(await history(`user:u${u}`)).toHaveLength(10);
    expect((await store.getMany(['user:u4']))[0]?.fields).toEqual({ n: 49 });
  });

  test('a session becomes a user, with all it did and will do', async () => {
    const { act, change, updater, history, state } = setUp();
    await act({ id: 'a', sessionId: 's', itemId: 'i1' });
    await act({ id: 'b', userId: 'u', itemId: 'i2' });
    await change({ kind: 'user.put', user: { id: 'u', fields: { age: 30 } }, origin: 'live' });
    await updater.catchUp();
    await change({ kind: 'user.merge', from: { sessionId: 's' }, into: 'u', origin: 'live' });
    await updater.catchUp();
    expect((await history('user:u')).sort()).toEqual(['i1', 'i2']);
    await act({ id: 'c', sessionId: 's', itemId: 'i3' });
    await act({ id: 'a', sessionId: 's', itemId: 'i1' });
    await updater.catchUp();
    expect((await history('user:u')).sort()).toEqual(['i1', 'i2', 'i3']);
    expect(await history('session:s')).toEqual([]);
    expect((await state('user:u'))?.fields).toEqual({ age: 30 });
    await change({ kind: 'user.merge', from: { userId: 'u' }, into: 'v', origin: 'live' });
    await change({ kind: 'user.merge', from: { userId: 'v' }, into: 'u', origin: 'live' });
    await updater.catchUp();
    await act({ id: 'd', sessionId: 's', itemId: 'i4' });
    await updater.catchUp();
    expect(await history('user:v')).toHaveLength(4);
  });

  test('an erased user is gone, also what was logged before and comes later, and may start anew', async () => {
    const { act, change, updater, history, state, pass } = setUp();
    await act({ id: 'a', sessionId: 's' });
    await change({ kind: 'user.merge', from: { sessionId: 's' }, into: 'u', origin: 'live' });
    await change({ kind: 'user.put', user: { id: 'u', fields: { age: 30 } }, origin: 'live' });
    await updater.catchUp();
    await act({ id: 'b', userId: 'u' });
    await act({ id: 'b2', sessionId: 's' });
    await change({ kind: 'user.delete', id: 'u', origin: 'live' });
    await updater.catchUp();
    expect(await state('user:u')).toBeUndefined();
    expect(await state('session:s')).toBeUndefined();
    pass(1);
    await act({ id: 'c', userId: 'u', itemId: 'i9' });
    await updater.catchUp();
    expect(await history('user:u')).toEqual(['i9']);
  });
});
