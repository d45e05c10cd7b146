import { pastQuery } from '../../../offline/ranking/query.ts';
import { createProposer } from '../../../offline/stages/stageOne.ts';
import { trainRanker } from '../../../offline/stages/trainRanker.ts';
import { trainRetrieval } from '../../../offline/stages/trainRetrieval.ts';
import { trainingBackend } from '../../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../../src/adapters/tfjs/embedderTrainer.ts';
import { createRankerTrainer } from '../../../src/adapters/tfjs/rankerTrainer.ts';
import { createRanker } from '../../../src/adapters/wasm/ranker.ts';
import { createCatalogue } from '../../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../../src/cli/progress.ts';
import { configSchema, type TrainingConfig } from '../../../src/config/schema.ts';
import type { EnrichedEvent } from '../../../src/domain/event.ts';
import type { Item } from '../../../src/domain/item.ts';
import { entityKey } from '../../../src/domain/state.ts';
import { applyEvent, createStateFeatures, historyOf, type StateTable, seenOf } from '../../../src/features/index.ts';
import { rank } from '../../../src/ranking/rank.ts';
import { createVectoriser } from '../../../src/ranking/vectoriser.ts';
import { type Interactions, interactionsBuilder } from '../../../src/retrieval/interactions.ts';

const WEIGHTS = { click: 1 };
const parsed = configSchema.parse({
  dataset: { items: { source: 'items.csv', id: 'id' } },
  fields: {
    title: { type: 'text' },
    genre: { type: 'category' },
    creative_type: { type: 'category' },
    director: { type: 'category' },
    year: { type: 'number' },
    imdb_rating: { type: 'number' },
    votes: { type: 'number' },
  },
  eventTypes: { click: { weight: 1 } },
  training: { textEncoder: 'none', dimensions: 16, epochs: 3 },
});
/** The films' fields, and training that takes seconds. */
export const loopConfig = {
  ...parsed,
  root: '.',
  workspace: '.',
  apiKeys: [],
  logLevel: 'silent' as const,
  cursorSecret: 'loop',
};

/** An item of a list, and the score that put it there. */
export interface Shown {
  readonly item: number;
  readonly score?: number;
}

/** Both stages, trained on a log, over the state that the log has led to. */
export interface LoopModel {
  /** The items, best first, that are recommended to a person by what is known of them by now. */
  recommend(person: string, length: number): Promise<Shown[]>;
  /** The same items in the order of stage two, whatever the person has seen. */
  order(person: string, items: readonly number[]): Promise<number[]>;
  /** How much each place is looked at, as training estimated it, by bucket of places. */
  readonly examination: readonly number[];
}

/** What was logged so far, as the feature store would hold it. */
export class LoopLog {
  readonly events: EnrichedEvent[] = [];
  readonly states: StateTable = new Map();
  readonly #features = createStateFeatures(loopConfig.loop);

  append(events: readonly EnrichedEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      applyEvent(this.#features, this.states, event, WEIGHTS);
    }
  }
}

/** Stage one of a log. */
export async function trainLoopRetrieval(
  items: readonly Item[],
  events: readonly EnrichedEvent[],
  training: Partial<TrainingConfig> = {},
) {
  const catalogue = createCatalogue(loopConfig.fields, items);
  const interactions = interactionsOf(events, (id) => catalogue.ordinal(id), items.length);
  const trainer = createEmbedderTrainer(await trainingBackend());
  const config = { ...loopConfig, training: { ...loopConfig.training, ...training } };
  const shared = { config, items, trainer, progress: silentProgress };
  return { full: await trainRetrieval({ ...shared, interactions }), catalogue, interactions, shared };
}

/** Trains as the product's build does. `seenAs` is what training gets to see of the log. */
export async function trainLoopModel(
  items: readonly Item[],
  log: LoopLog,
  seenAs: (event: EnrichedEvent) => EnrichedEvent = (event) => event,
): Promise<LoopModel> {
  const events = log.events.map(seenAs);
  const { full, catalogue, interactions, shared } = await trainLoopRetrieval(items, events);
  const trained = await trainRanker({
    config: loopConfig,
    catalogue,
    interactions,
    events: async function* () {
      yield* events;
    },
    trainStageOne: async (earlier) => {
      const { models } = await trainRetrieval({ ...shared, interactions: earlier, previous: full.data });
      return { models, propose: createProposer(models, catalogue) };
    },
    trainer: createRankerTrainer(await trainingBackend()),
    progress: silentProgress,
  });
  if (trained === undefined) throw new Error('the log of the loop taught no ranker');
  const inputs = { models: full.models, catalogue, fields: loopConfig.fields, weights: WEIGHTS };
  const vectoriser = createVectoriser({ ...inputs, statistics: trained.model.statistics ?? undefined });
  const stage = { vectoriser, ranker: createRanker(trained.model) };
  const propose = createProposer(full.models, catalogue);

  const ordered = async (person: string, candidates: Awaited<ReturnType<typeof propose>>): Promise<Required<Shown>[]> => {
    const userState = log.states.get(entityKey('user', person));
    const history = historyOf(userState);
    const actor = entityKey('user', person);
    const query = pastQuery({
      actor,
      history,
      at: log.events.at(-1)?.occurredAt ?? 0,
      ...(userState === undefined ? {} : { userState }),
    });
    const enriched = candidates.map((candidate) => {
      const state = log.states.get(entityKey('item', candidate.id));
      return state === undefined ? candidate : { ...candidate, state };
    });
    return (await rank(stage, { query, history, candidates: enriched })).map(({ ordinal, relevance }) => ({
      item: ordinal,
      score: relevance,
    }));
  };
  return {
    examination: trained.model.statistics?.examination ?? [],
    async recommend(person, length) {
      const state = log.states.get(entityKey('user', person));
      const seen = new Set([...seenOf(state)].flatMap((id) => catalogue.ordinal(id) ?? []));
      const candidates = await propose(historyOf(state), loopConfig.serving.candidates, seen);
      return (await ordered(person, candidates)).slice(0, length);
    },
    async order(person, chosen) {
      const hits = [{ source: 'request', score: 0, rank: 1 }];
      const list = chosen.map((ordinal) => ({ id: items[ordinal]!.id, ordinal, item: items[ordinal]!, hits }));
      return (await ordered(person, list)).map(({ item }) => item);
    },
  };
}

function interactionsOf(
  events: readonly EnrichedEvent[],
  ordinalOf: (id: string) => number | undefined,
  count: number,
): Interactions {
  const builder = interactionsBuilder(WEIGHTS);
  for (const event of events) {
    const item = event.kind === 'action' ? ordinalOf(event.itemId) : undefined;
    if (event.kind !== 'action' || item === undefined || event.userId === undefined) continue;
    builder.add({ actor: entityKey('user', event.userId), item, time: event.occurredAt, type: event.type });
  }
  return builder.finish(count);
}
