import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { MemoryEventLog } from '../../src/adapters/memory/eventLog.ts';
import { openFileSchemaRegistry } from '../../src/adapters/registry/fileRegistry.ts';
import { UnavailableError } from '../../src/domain/errors.ts';
import { divertedEventSchema, enrichedEventSchema } from '../../src/loop/schemas.ts';
import type { EventLog, Topic } from '../../src/ports/eventLog.ts';
import type { SchemaRegistry } from '../../src/ports/schemaRegistry.ts';
import { createCollector } from './collector.ts';
import { createEnricher, type EnricherParts } from './enricher.ts';
import type { Enrichment } from './enrichment.ts';
import { remoteEnrichment } from './remoteEnrichment.ts';

const actionsSchema = z.object({ actions: z.array(z.object({ itemId: z.string() })) });
const NOW = 1_700_000_000_000;
const config = { eventTypes: { click: {}, buy: {} }, loop: { latenessMinutes: 60, deduplicationMinutes: 60 } };

let folder: string;
let schemas: SchemaRegistry;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-schemas-'));
  schemas = await openFileSchemaRegistry({ folders: ['data/schemas', folder], eventTypes: ['click', 'buy'], refreshMs: 0 });
});
afterAll(async () => {
  await schemas.close();
  await rm(folder, { recursive: true });
});

const event = (id: string, rest: object = {}, payload: object = {}) => ({
  id,
  type: 'click',
  schemaVersion: 1,
  occurredAt: NOW,
  payload: { userId: 'u', itemId: 'i1', ...payload },
  ...rest,
});

async function drain(log: EventLog, parts: Partial<EnricherParts> = {}): Promise<void> {
  const enricher = createEnricher({
    log,
    schemas,
    config,
    clock: () => NOW,
    items: { has: (id) => id.startsWith('i') },
    ...parts,
  });
  const stop = new AbortController();
  const running = enricher.run(stop.signal);
  const end = await log.end('raw-events');
  while (((await log.committed('raw-events', 'enricher'))['0'] ?? 0) < (end['0'] ?? 0))
    await new Promise((resolve) => setTimeout(resolve, 2));
  stop.abort();
  await running;
}

async function values(log: EventLog, topic: Topic): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const batch of log.read(topic)) found.push(...batch.map((record) => record.value));
  return found;
}

const enriched = async (log: EventLog) => (await values(log, 'enriched-events')).map((value) => enrichedEventSchema.parse(value));
const diverted = async (log: EventLog, topic: 'invalid-events' | 'dead-letter-events') =>
  (await values(log, topic)).map((value) => divertedEventSchema.parse(value));

describe('collector', () => {
  test('gives each event its verdict, and appends those that pass', async () => {
    const log = new MemoryEventLog();
    const { verdicts } = await createCollector({ log, clock: () => NOW }).accept([
      event('a'),
      event('b', { occurredAt: '2023-11-14T22:13:20Z' }),
      event('c', { occurredAt: 'yesterday' }),
      event('d', { schemaVersion: 0 }),
      { id: 'e' },
      event('f\0'),
      event('g', { payload: [] }),
      'h',
      event('i', { extra: 1 }),
    ]);
    expect(verdicts.map(({ id, accepted }) => [id, accepted])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
      ['d', false],
      ['e', false],
      [null, false],
      ['g', false],
      [null, false],
      ['i', false],
    ]);
    expect(verdicts[2]?.issues?.[0]?.path).toBe('events[2].occurredAt');
    expect(await values(log, 'raw-events')).toEqual([event('a'), event('b')]);
  });

  test('refuses what is no batch, and more than it can hold', async () => {
    const log = new MemoryEventLog();
    const collector = createCollector({ log, clock: () => NOW, maxPending: 5 });
    await expect(collector.accept([])).rejects.toThrow(/at least one/);
    await expect(collector.accept({})).rejects.toThrow(/list/);
    await expect(collector.accept(Array.from({ length: 1001 }, () => event('x')))).rejects.toThrow(/at most 1000/);
    const first = collector.accept([event('a'), event('b'), event('c')]);
    await expect(collector.accept([event('d'), event('e'), event('f')])).rejects.toBeInstanceOf(UnavailableError);
    await first;
    await collector.accept([event('d'), event('e'), event('f')]);
    expect(await values(log, 'raw-events')).toHaveLength(6);
  });
});

describe('enricher', () => {
  const send = async (events: readonly object[], parts: Partial<EnricherParts> = {}) => {
    const log = new MemoryEventLog(() => NOW);
    await createCollector({ log, clock: () => NOW }).accept(events);
    await drain(log, parts);
    return log;
  };

  test('lets through what conforms, actions and impressions', async () => {
    const log = await send([
      event('a', {}, { value: 3, requestId: 'r', position: 2, more: 'ignored' }),
      event('b', {
        type: 'impression',
        payload: { userId: 'u', items: ['i1', { id: 'i2' }, { id: 'i3', position: 9 }], requestId: 'r' },
      }),
      event('c', { type: 'impression' }, { position: 4 }),
    ]);
    expect(await diverted(log, 'invalid-events')).toEqual([]);
    expect(await enriched(log)).toEqual([
      {
        kind: 'action',
        id: 'a',
        type: 'click',
        occurredAt: NOW,
        userId: 'u',
        itemId: 'i1',
        value: 3,
        requestId: 'r',
        position: 2,
      },
      expect.objectContaining({
        kind: 'impression',
        requestId: 'r',
        items: [
          { id: 'i1', position: 1 },
          { id: 'i2', position: 2 },
          { id: 'i3', position: 9 },
        ],
      }),
      expect.objectContaining({ id: 'c', requestId: 'c', items: [{ id: 'i1', position: 4 }] }),
    ]);
  });

  test('diverts what does not conform, with reason, origin, time and attempts', async () => {
    const log = await send([
      event('a'),
      event('b', {}, { itemId: 7 }),
      event('c', { schemaVersion: 9 }),
      event('d', { occurredAt: NOW + 3_600_000 }),
      event('e', { occurredAt: NOW - 3_600_001 }),
      event('f', { payload: { itemId: 'i1' } }),
      event('g', { type: 'share' }),
    ]);
    expect((await enriched(log)).map(({ id }) => id)).toEqual(['a']);
    const invalid = await diverted(log, 'invalid-events');
    expect(invalid.map(({ reason }) => reason)).toEqual([
      'nonconforming',
      'unknown-schema',
      'future',
      'late',
      'nonconforming',
      'unknown-schema',
    ]);
    expect(invalid[0]).toEqual({
      event: event('b', {}, { itemId: 7 }),
      reason: 'nonconforming',
      detail: 'payload/itemId must be string',
      origin: { topic: 'raw-events', partition: 0, offset: 1 },
      divertedAt: NOW,
      attempts: 1,
    });
  });

  test('an action on an item nobody knows is a dead letter; the rest goes on', async () => {
    const log = await send([event('a', {}, { itemId: 'unknown' }), event('b')]);
    expect((await enriched(log)).map(({ id }) => id)).toEqual(['b']);
    expect((await diverted(log, 'dead-letter-events')).map(({ reason }) => reason)).toEqual(['unknown-item']);
  });

  test('an item that appears between two looks is found', async () => {
    let looks = 0;
    const log = await send([event('a', {}, { itemId: 'late' })], { items: { has: () => ++looks > 1 } });
    expect(await enriched(log)).toHaveLength(1);
  });

  test('an enrichment that fails for one, for all or hangs', async () => {
    const broken: Enrichment = {
      name: 'model',
      enrich: async (actions) => {
        if (actions.some((action) => action.itemId === 'iBroken')) throw new Error('connection refused');
        return actions.map((action) =>
          action.itemId === 'iPoor'
            ? { reason: 'no-embedding', detail: 'no text', retry: false }
            : { action: { ...action, value: 42 } },
        );
      },
    };
    const fine = await send([event('a'), event('b', {}, { itemId: 'iPoor' })], { enrichments: [broken] });
    expect(await enriched(fine)).toMatchObject([{ id: 'a', value: 42 }]);
    expect(await diverted(fine, 'dead-letter-events')).toMatchObject([{ reason: 'no-embedding', attempts: 1 }]);
    const failing = await send([event('a', {}, { itemId: 'iBroken' })], { enrichments: [broken] });
    expect(await diverted(failing, 'dead-letter-events')).toMatchObject([
      { reason: 'model-failed', detail: 'connection refused' },
    ]);
  });

  test('an enrichment that never answers, and a service of one’s own', async () => {
    const hanging: Enrichment = { name: 'model', enrich: () => new Promise(() => {}) };
    const stuck = await send([event('a')], { enrichments: [hanging] });
    expect(await diverted(stuck, 'dead-letter-events')).toMatchObject([{ detail: 'no answer within 1000 ms' }]);

    let asked = 0;
    const server = createServer(async (request, response) => {
      asked++;
      const { actions } = actionsSchema.parse(JSON.parse(Buffer.concat(await request.toArray()).toString()));
      const isBroken = actions.some(({ itemId }) => itemId === 'iBroken');
      const results = actions.map(({ itemId }) => (itemId === 'iBot' ? { reason: 'bot', detail: 'too fast' } : { value: 7 }));
      response.writeHead(isBroken ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ results }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const remote = remoteEnrichment(`http://127.0.0.1:${port}/enrich`);
    const some = ['i1', 'iBot', 'iBroken', 'i2'].map((itemId) => event(itemId, {}, { itemId }));
    const log = await send(some, { enrichments: [remote] });
    expect(await enriched(log)).toMatchObject([
      { id: 'i1', value: 7 },
      { id: 'i2', value: 7 },
    ]);
    expect(await diverted(log, 'dead-letter-events')).toMatchObject([
      { reason: 'bot', detail: 'too fast' },
      { reason: 'enrichment-failed', detail: expect.stringContaining('answered 400') },
    ]);
    server.close();
    server.closeAllConnections();
    asked = 0;
    const away = await send(some, { enrichments: [remote] });
    expect(await diverted(away, 'dead-letter-events')).toHaveLength(4);
    expect(asked).toBe(0);
  });

  test('one event that makes an enrichment throw does not take others with it', async () => {
    let calls = 0;
    const brittle: Enrichment = {
      name: 'model',
      enrich: async (actions) => {
        calls++;
        if (actions.some((action) => action.itemId === 'iBroken')) throw new Error('cannot read that');
        return actions.map((action) => ({ action }));
      },
    };
    const list = Array.from({ length: 900 }, (_, n) => event(`e${n}`, {}, { itemId: n === 500 ? 'iBroken' : 'i1' }));
    const log = await send(list, { enrichments: [brittle] });
    expect(await diverted(log, 'dead-letter-events')).toMatchObject([{ reason: 'model-failed', event: { id: 'e500' } }]);
    expect(await enriched(log)).toHaveLength(899);
    expect(calls).toBeLessThan(100);
  });

  test('a producer that repeats itself does not get through twice, not even over a restart', async () => {
    const log = await send([event('a'), event('b'), event('a')]);
    await createCollector({ log, clock: () => NOW }).accept([event('b'), event('c')]);
    await drain(log);
    expect((await enriched(log)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('schema first, then producer: what comes before its schema is invalid', async () => {
    const log = await send([event('a', { schemaVersion: 2 })]);
    expect(await diverted(log, 'invalid-events')).toMatchObject([{ reason: 'unknown-schema' }]);
    const schema = { type: 'object', required: ['itemId'], properties: { itemId: { type: 'string' } } };
    await writeFile(join(folder, 'click.v2.json'), JSON.stringify(schema));
    await createCollector({ log, clock: () => NOW }).accept([event('b', { schemaVersion: 2 })]);
    await drain(log);
    expect((await enriched(log)).map(({ id }) => id)).toEqual(['b']);
  });
});
