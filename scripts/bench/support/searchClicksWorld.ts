import { trainOnSearches } from '../../../offline/ranking/onSearches.ts';
import { pastQuery } from '../../../offline/ranking/query.ts';
import { createFind, type Find } from '../../../offline/ranking/searchLists.ts';
import { createRanker } from '../../../src/adapters/wasm/ranker.ts';
import { type Progress, silentProgress } from '../../../src/cli/progress.ts';
import type { EnrichedEvent } from '../../../src/domain/event.ts';
import { type Random, seededRandom } from '../../../src/domain/random.ts';
import { entityKey } from '../../../src/domain/state.ts';
import { applyEvent, createStateFeatures, type StateTable } from '../../../src/features/index.ts';
import { QueryMemory } from '../../../src/features/queryMemory.ts';
import type { TextEncoder } from '../../../src/ports/models.ts';
import { rank } from '../../../src/ranking/rank.ts';
import { createSearchVectoriser } from '../../../src/ranking/vectoriser.ts';
import type { Collection } from './cranfield.ts';
import { collectionSearch } from './cranfieldSearch.ts';
import { ndcg } from './gradedMetrics.ts';

/** Who searches for what, and what they think of it. */
export interface World {
  readonly queries: Collection['queries'];
  /** Whether the query is ever searched for before it is measured; every fifth is held back. */
  searched(query: number): boolean;
}

/** NDCG@10 of each query by the hidden judgments. */
export interface Learned {
  readonly ndcg: readonly number[];
}

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const LIST_LENGTH = 10;
const WEIGHTS = { click: 1 };
/** Chance that a place, counted from 0, is looked at. */
const looks = (place: number): number => (place + 1) ** -0.8;
/** Chance that what is looked at is clicked, by hidden grade. */
const CLICKS = [0.05, 0.2, 0.4, 0.6, 0.8] as const;

/** Searches and clicks of the untrained relevance, what training makes of them, and what it makes of them without their places. */
export async function learnFromClicks(
  collection: Collection,
  encoder: TextEncoder,
  { searches, seed }: { searches: number; seed: number },
) {
  const parts = await collectionSearch(collection, encoder);
  const { config, catalogue, inputs, trainer } = parts;
  const find = createFind(parts);
  const world: World = { queries: collection.queries, searched: (query) => query % 5 !== 4 };
  const random = seededRandom(seed);
  const events = await live(world, find, searches, random);
  const states = statesAfter(events, config.loop);
  const at = events.at(-1)?.occurredAt ?? START;
  const notes: string[] = [];
  const judge = async (stage: Parameters<typeof rank>[0] | undefined): Promise<Learned> => {
    const figures: number[] = [];
    for (const { text, grades } of world.queries) {
      const candidates = (await find(text)).map((candidate) => {
        const state = states.get(entityKey('item', candidate.id));
        return state === undefined ? candidate : { ...candidate, state };
      });
      const query = pastQuery({ actor: 'session:', history: [], at, route: 'search', text });
      const ranked = stage === undefined ? candidates : await rank(stage, { query, history: [], candidates });
      figures.push(
        ndcg(
          ranked.map(({ id }) => id),
          grades,
          10,
        ),
      );
    }
    return { ndcg: figures };
  };
  const learn = async (seen: readonly EnrichedEvent[], progress: Progress): Promise<Learned> => {
    const trained = await trainOnSearches({
      judged: [],
      clicks: { config, catalogue, events: seen, find },
      inputs,
      trainer,
      seed: 1,
      progress,
    });
    if (trained === undefined) throw new Error('so few searches teach nothing');
    const { model } = trained;
    const statistics = model.statistics ?? undefined;
    const vectoriser = createSearchVectoriser({ ...inputs, statistics }, new QueryMemory(model.memory));
    const ranker = createRanker(model);
    try {
      return await judge({ vectoriser, searches: { vectoriser, ranker } });
    } finally {
    }
  };
  const judgedBy = {
    untrained: await judge(undefined),
    corrected: await learn(events, { ...silentProgress, note: (line) => notes.push(line) }),
    uncorrected: await learn(events.map(withoutPlaces), silentProgress),
  };
  return { world, judgedBy, examination: notes[0] ?? '' };
}

/** Searches by fame: the n-th query is asked in proportion to 1 / n. */
async function live({ queries, searched }: World, find: Find, searches: number, random: Random): Promise<EnrichedEvent[]> {
  const asked = [...queries.keys()].filter(searched);
  let total = 0;
  const limits: number[] = [];
  for (let n = 1; n <= asked.length; n++) {
    total += 1 / n;
    limits.push(total);
  }
  const draw = (): number => {
    const at = random() * total;
    return asked[limits.findIndex((limit) => at < limit)] ?? asked[0]!;
  };
  const events: EnrichedEvent[] = [];
  for (let i = 0; i < searches; i++) {
    const { text, grades } = queries[draw()]!;
    const shown = (await find(text)).slice(0, LIST_LENGTH);
    const [requestId, userId, occurredAt] = [`r${i}`, `u${i % 500}`, START + i * MINUTE];
    const items = shown.map(({ id, match }, place) => ({ id, position: place + 1, score: match?.fused ?? 0 }));
    const served = { artifact: 'a', ranker: 'none', experiment: null };
    events.push({
      kind: 'impression',
      id: requestId,
      requestId,
      userId,
      occurredAt,
      route: 'search',
      query: text,
      items,
      served,
    });
    shown.forEach(({ id }, place) => {
      if (random() > looks(place) || random() > CLICKS[grades.get(id) ?? 0]!) return;
      const when = occurredAt + 1000 * (place + 1);
      events.push({
        kind: 'action',
        id: `${requestId}-${place}`,
        type: 'click',
        itemId: id,
        userId,
        requestId,
        occurredAt: when,
      });
    });
  }
  return events;
}

function statesAfter(events: readonly EnrichedEvent[], loop: Parameters<typeof createStateFeatures>[0]): StateTable {
  const states: StateTable = new Map();
  const features = createStateFeatures(loop);
  for (const event of events) applyEvent(features, states, event, WEIGHTS);
  return states;
}

/** An event as a log without places would hold it: then nothing can be corrected. */
const withoutPlaces = (event: EnrichedEvent): EnrichedEvent =>
  event.kind === 'impression' ? { ...event, items: event.items.map(({ id }) => ({ id, position: 1 })) } : event;
