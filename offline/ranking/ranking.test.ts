import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createRankerTrainer } from '../../src/adapters/tfjs/rankerTrainer.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import type { EnrichedEvent, Impression } from '../../src/domain/event.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { createVectoriser } from '../../src/ranking/vectoriser.ts';
import { createProposer } from '../stages/stageOne.ts';
import { type TrainRankerInput, trainRanker } from '../stages/trainRanker.ts';
import { estimateExamination } from './examination.ts';
import { CUT, mostMoments } from './impressionLists.ts';
import { beforeMoments, collectLists, momentsBefore, proposeLists, sampleRows } from './interactionLists.ts';
import { inTimeOrder, joinActions } from './join.ts';
import { concatenate, ListCollector } from './lists.ts';
import { tells } from './replay.ts';
import { click, interactionsOf, quickModels, type SmallWorld, shown, smallWorld } from './testing.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

async function inputOf(world: SmallWorld, events: readonly EnrichedEvent[]): Promise<TrainRankerInput> {
  return {
    config: world.config,
    catalogue: world.catalogue,
    interactions: world.interactions,
    events: async function* () {
      yield* events;
    },
    trainStageOne: async (interactions) => {
      const models = quickModels(interactions);
      return { models, propose: createProposer(models, world.catalogue) };
    },
    trainer: createRankerTrainer(await trainingBackend({ prefer: 'wasm' })),
    progress: silentProgress,
  };
}

describe('training of the ranker', () => {
  it('learns from shown lists what stage one does not know', async () => {
    const world = smallWorld(800);
    const byChance = world.events.map((event) =>
      event.kind === 'impression' ? { ...event, items: event.items.map((item) => ({ ...item, propensity: 1 / 8 })) } : event,
    );
    const trained = await trainRanker(await inputOf(world, byChance));
    expect(trained?.model.taughtBy).toBe('impressions');
    const { ranked, before, lists, results, split, counterfactual } = trained!.validation;
    expect(ranked).toHaveLength(lists.length);
    expect(before).toHaveLength(lists.length);
    const shown = lists.map((key, i) => (key.startsWith('r') ? i : -1)).filter((i) => i >= 0);
    expect(mean(shown.map((i) => ranked[i]!))).toBeGreaterThan(mean(shown.map((i) => before[i]!)));
    expect(split.kind).toBe('time');
    expect(results.every((result) => result.place >= -1 && result.top.length > 0)).toBe(true);
    expect(counterfactual?.ranked.matches).toBeGreaterThan(30);
  });

  it('learns from what people did next where nothing was shown, and is compared with a champion of the same columns', async () => {
    const world = smallWorld(600);
    const actions = world.events.filter((event) => event.kind === 'action');
    const input = await inputOf(world, actions);
    const first = await trainRanker(input);
    expect(first?.model.taughtBy).toBe('interactions');
    expect(first?.validation.champion).toBeUndefined();
    const second = await trainRanker({ ...input, champion: first!.model });
    expect(second!.model.id).toBe(first!.model.id);
    expect(second!.validation.champion).toHaveLength(second!.validation.lists.length);
  });

  it('hears the lists that were shown before the moments beside them, in a small log too', () => {
    for (const telling of [200, 1000, 5000]) expect(mostMoments(telling)).toBeLessThanOrEqual(telling / 4);
    expect(mostMoments(1e6)).toBe(mostMoments(1e7));
  });

  it('is taught each action once: by the list that brought it, or else by the moment before it', async () => {
    const world = smallWorld(600);
    const { labelled } = joinActions(inTimeOrder(world.events), { window: 1e9, weights: { click: 1 } });
    const telling = [...labelled.values()].filter((gains) => tells(gains)).length;
    const lists = telling - Math.floor(CUT * telling);
    const trained = await trainRanker(await inputOf(world, world.events));
    expect(trained?.lists).toBe(lists);
    expect(trained?.validation.counterfactual).toBeUndefined();
    const organic = world.events.filter((event) => event.kind === 'action' && event.userId === 'u1');
    const last = world.events.at(-1)!.occurredAt;
    const own = organic.flatMap((event, i) =>
      event.kind === 'action' ? [{ ...event, id: `own${i}`, requestId: 'none', userId: `other`, occurredAt: last + 1 + i }] : [],
    );
    expect((await trainRanker(await inputOf(world, [...world.events, ...own])))?.lists).toBeGreaterThan(lists);
  });

  it('learns from histories divided by time where that is asked for, and says when it looked', async () => {
    const world = smallWorld(1200);
    const events = world.events.filter(({ kind }) => kind === 'action');
    const input = await inputOf(world, events);
    const config = { ...world.config, training: { ...world.config.training, split: 'time' as const } };
    const { validation, lists } = (await trainRanker({ ...input, config }))!;
    const { split, results } = validation;
    expect(split).toMatchObject({ kind: 'time' });
    expect(lists).toBeGreaterThan(10);
    expect(results.length).toBeGreaterThan(10);
    if (split.kind === 'time') expect(Math.min(...validation.times)).toBeGreaterThanOrEqual(split.at);
    expect(validation.window).toContain('last tenth');
  });

  it('has nothing to say without events', async () => {
    const world = smallWorld(0);
    expect(await trainRanker(await inputOf(world, []))).toBeUndefined();
  });
});

describe('rows to learn from', () => {
  it('stay the same to the byte whatever people turn to last', async () => {
    const world = smallWorld(600);
    const last = new Map<string, string>();
    for (const event of world.events) if (event.kind === 'action') last.set(event.userId ?? '', event.id);
    const changed = world.events.map((event) =>
      event.kind === 'action' && last.get(event.userId ?? '') === event.id ? { ...event, itemId: 'i59' } : event,
    );
    const rowsOf = async (events: readonly EnrichedEvent[]) => {
      const interactions = interactionsOf(events, world.catalogue);
      const models = quickModels(beforeMoments(interactions, 1));
      const { catalogue, config } = world;
      const vectoriser = createVectoriser({
        models,
        catalogue,
        fields: config.fields,
        weights: { click: 1 },
        statistics: undefined,
      });
      const rows = new Map<string, string>();
      const options = { propose: createProposer(models, catalogue), vectoriser, pool: 50, always: true };
      for await (const { moment, candidates, matrix } of proposeLists(momentsBefore(interactions, catalogue, 1), options)) {
        rows.set(moment.actor, candidates.map(({ id }) => id).join() + Buffer.from(matrix.buffer).toString('base64'));
      }
      return rows;
    };
    const straight = await rowsOf(world.events);
    const other = await rowsOf(changed);
    const both = [...straight.keys()].filter((actor) => other.has(actor));
    expect(both.length).toBeGreaterThan(10);
    for (const actor of both) expect(other.get(actor)).toBe(straight.get(actor));
  });
});

describe('rows sampled from a list', () => {
  it('are different ones, with the target, and stand for the whole list', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(299), fc.integer({ min: 10, max: 100 }), fc.nat());
    fc.assert(
      fc.property(sizes, ([size, place, rows, seed]) => {
        const target = place % size;
        const sampled = sampleRows(size, target, rows, seededRandom(seed));
        expect(sampled).toHaveLength(Math.min(size, rows));
        expect(new Set(sampled.map(({ row }) => row)).size).toBe(sampled.length);
        expect(sampled.find(({ row }) => row === target)).toEqual({ row: target, standsFor: 1 });
        expect(sampled.reduce((sum, { standsFor }) => sum + standsFor, 0)).toBeCloseTo(size, 6);
      }),
    );
  });

  it('keep what they stand for on the way to the trainer', async () => {
    const size = 50;
    const moment = { actor: 'user:a', history: [], seen: new Set<number>(), target: 45, at: 0 };
    const candidates = Array.from({ length: size }, (_, i) => ({
      id: `${i}`,
      ordinal: i,
      hits: [],
      item: { id: `${i}`, fields: {} },
    }));
    async function* one() {
      yield { moment, candidates, targetAt: 45, matrix: Float32Array.from({ length: size }, (_, i) => i) };
    }
    const collected = new ListCollector(1);
    await collectLists(one(), collected, { rows: 20, random: seededRandom(1) });
    const { features, labels, standsFor = new Float32Array(0) } = concatenate([collected.finish(), collected.finish()]);
    expect(standsFor).toHaveLength(40);
    expect(standsFor.reduce((sum, count) => sum + count, 0)).toBeCloseTo(2 * size, 3);
    expect(standsFor[labels.indexOf(1)]).toBe(1);
    expect(features[labels.indexOf(1)]).toBe(45);
  });
});

const withoutServed = ({ served: _, ...event }: Impression): Impression => event;

describe('joining actions to lists', () => {
  it('goes by request, else by the latest list within the window, else nowhere', () => {
    const first = shown('r1', 0, ['a', 'b']);
    const second = shown('r2', 10, ['a', 'c']);
    const events = inTimeOrder([click('1', 20, 'a', 'r1'), click('2', 20, 'c'), click('3', 5000, 'b'), second, first]);
    const { labelled, attributed } = joinActions(events, { window: 100, weights: { click: 2 } });
    const gains = [...labelled.values()].map((list) => [...list]);
    expect(gains).toEqual([
      [2, 0],
      [0, 2],
    ]);
    expect([...attributed].map(([action, list]) => [action.id, list.id])).toEqual([
      ['1', 'r1'],
      ['2', 'r2'],
    ]);
  });

  it('tells a place that is seldom looked at from an item nobody wants', () => {
    const { events } = smallWorld(6000, 3);
    const { labelled } = joinActions(inTimeOrder(events), { window: 1e6, weights: { click: 1 } });
    const places = estimateExamination(labelled);
    expect(places?.[0]).toBe(1);
    // The world looks at place 4 and 5 with probability .9³ to .9⁴.
    expect(places?.[3]).toBeGreaterThan(0.5);
    expect(places?.[3]).toBeLessThan(0.9);
  });

  it('does not take a person’s taste for the place where a ranker put it', () => {
    const random = seededRandom(8);
    const labelled = new Map<Impression, Float32Array>();
    const look = (place: number): number => 0.8 ** place;
    for (let list = 0; list < 4000; list++) {
      const items = Array.from({ length: 5 }, () => ({ id: `i${Math.floor(random() * 40)}`, score: random() ** 2 }));
      items.sort((a, b) => b.score - a.score);
      const event: Impression = {
        kind: 'impression',
        id: `l${list}`,
        requestId: `l${list}`,
        occurredAt: list,
        userId: 'u',
        served: { artifact: 'a', ranker: 'r', experiment: null },
        items: items.map((item, i) => ({ ...item, position: i + 1 })),
      };
      labelled.set(
        event,
        Float32Array.from(items, ({ score }, place) => Number(random() < look(place) * score)),
      );
    }
    const unscored = new Map([...labelled].map(([event, gains]) => [withoutServed(event), gains]));
    expect(estimateExamination(unscored)?.[2]).toBeLessThan(0.5);
    expect(estimateExamination(labelled)?.[2]).toBeGreaterThan(0.56);
    expect(estimateExamination(labelled)?.[2]).toBeLessThan(0.72);
  });
});
