import { describe, expect, test } from 'vitest';
import { MemoryEventLog } from '../../src/adapters/memory/eventLog.ts';
import { MemoryFeatureStore } from '../../src/adapters/memory/featureStore.ts';
import { openFileSchemaRegistry } from '../../src/adapters/registry/fileRegistry.ts';
import { createCollector } from './collector.ts';
import { recentDiverted } from './diverted.ts';
import { createEnricher } from './enricher.ts';
import { replayDiverted } from './replay.ts';
import { pipelineStatus } from './status.ts';

const NOW = 1_700_000_000_000;

describe('replay', () => {
  test('sends dead letters through again, each once, and a person sees what is where', async () => {
    const log = new MemoryEventLog(() => NOW);
    const store = new MemoryFeatureStore();
    const schemas = await openFileSchemaRegistry({ folders: ['data/schemas'], eventTypes: ['click'], refreshMs: 0 });
    const items = new Set(['i1']);
    const config = { eventTypes: { click: {} }, loop: { latenessMinutes: 60, deduplicationMinutes: 60 } };
    const drain = async () => {
      const stop = new AbortController();
      const running = createEnricher({ log, schemas, config, clock: () => NOW, items }).run(stop.signal);
      const end = (await log.end('raw-events'))['0'] ?? 0;
      while (((await log.committed('raw-events', 'enricher'))['0'] ?? 0) < end)
        await new Promise((resolve) => setTimeout(resolve, 2));
      stop.abort();
      await running;
    };
    const event = (id: string, itemId: string) => ({
      id,
      type: 'click',
      schemaVersion: 1,
      occurredAt: NOW,
      payload: { userId: 'u', itemId },
    });
    await createCollector({ log, clock: () => NOW }).accept([
      event('a', 'new'),
      event('b', 'never'),
      event('c', 'i1'),
      event('d', 'new'),
    ]);
    await drain();
    expect((await pipelineStatus({ log, store })).deadLetters).toEqual([{ reason: 'unknown-item', count: 3 }]);

    await expect(replayDiverted({ log, store, from: 'dead-letter', filter: 'reason ==' })).rejects.toThrow(/--filter/);
    await expect(replayDiverted({ log, store, from: 'dead-letter', filter: 'nonsense == 1' })).rejects.toThrow(/nonsense/);
    items.add('new');
    const filter = 'event.payload.itemId == "new" && attempts < 3';
    expect(await replayDiverted({ log, store, from: 'dead-letter', filter })).toMatchObject({ sent: 2, filteredOut: 1 });
    expect(await replayDiverted({ log, store, from: 'dead-letter', filter })).toMatchObject({ sent: 0, already: 2 });
    await drain();
    const status = await pipelineStatus({ log, store });
    expect(status.topics).toEqual([
      { topic: 'raw-events', records: 6 },
      { topic: 'enriched-events', records: 3 },
      { topic: 'invalid-events', records: 0 },
      { topic: 'dead-letter-events', records: 3 },
      { topic: 'catalogue', records: 0 },
    ]);
    expect(status.groups).toEqual([
      { group: 'enricher', topic: 'raw-events', lag: 0 },
      { group: 'updater', topic: 'enriched-events', lag: 3 },
      { group: 'updater', topic: 'catalogue', lag: 0 },
    ]);

    expect(await replayDiverted({ log, store, from: 'dead-letter' })).toMatchObject({ sent: 1, already: 2 });
    await drain();
    const recent = await recentDiverted(log, 'dead-letter-events', 1);
    expect(recent).toMatchObject([{ attempts: 2, reason: 'unknown-item', event: { id: 'b' } }]);
    await log.compact('enriched-events', () => true);
    expect((await pipelineStatus({ log, store })).groups).toContainEqual({ group: 'updater', topic: 'enriched-events', lag: 0 });
    await schemas.close();
  });
});
