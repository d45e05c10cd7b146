import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { type Config, configSchema, type FieldDefinitions, fieldDefinitionSchema } from '../../src/config/schema.ts';
import type { Action, EnrichedEvent, Impression } from '../../src/domain/event.ts';
import type { Item } from '../../src/domain/item.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { encodeCatalogue } from '../../src/retrieval/contentEncoder.ts';
import type { CoVisitationSettings } from '../../src/retrieval/coVisitation.ts';
import { createRetrievalModels } from '../../src/retrieval/createModels.ts';
import { fitCounts } from '../../src/retrieval/fitCounts.ts';
import { type Interactions, interactionsBuilder } from '../../src/retrieval/interactions.ts';
import type { RetrievalModels } from '../../src/retrieval/models.ts';

/** A small made-up world for tests: sixty items of three genres, people who each like one, and some items better than others. */
export interface SmallWorld {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly events: readonly EnrichedEvent[];
  readonly interactions: Interactions;
}

const SIZE = 60;
const fields: FieldDefinitions = { genre: fieldDefinitionSchema.parse({ type: 'category' }) };
const items: readonly Item[] = Array.from({ length: SIZE }, (_, i) => ({ id: `i${i}`, fields: { genre: `g${i % 3}` } }));

/** Lists of eight shown to people, who click what is of their genre, good, and near the top. */
export function smallWorld(lists: number, seed = 1): SmallWorld {
  const random = seededRandom(seed);
  const events: EnrichedEvent[] = [];
  for (let list = 0; list < lists; list++) {
    const person = Math.floor(random() * 40);
    const occurredAt = 1e12 + list * 60_000;
    const chosen = new Set<number>();
    while (chosen.size < 8) chosen.add(Math.floor(random() * SIZE));
    const ids = [...chosen];
    const requestId = `r${list}`;
    const userId = `u${person}`;
    const items = ids.map((i) => `i${i}`);
    events.push({ ...shown(requestId, occurredAt, items), userId });
    ids.forEach((i, place) => {
      const liking = (i % 3 === person % 3 ? 0.6 : 0.05) * (i < 20 ? 1 : 0.4) * 0.9 ** place;
      if (random() >= liking) return;
      events.push({ ...click(`a${list}-${i}`, occurredAt + 1000 + place, `i${i}`, requestId), userId });
    });
  }
  const catalogue = createCatalogue(fields, items);
  const parsed = configSchema.parse({ dataset: { items: { source: 'items.csv', id: 'id' } }, fields });
  const config: Config = { ...parsed, root: '.', workspace: '.', apiKeys: [], logLevel: 'silent', cursorSecret: 'test' };
  return { config, catalogue, events, interactions: interactionsOf(events, catalogue) };
}

/** A list that the person `u` was shown; its id is its request's too. @param at milliseconds */
export const shown = (id: string, at: number, items: readonly string[]): Impression => ({
  kind: 'impression',
  id,
  requestId: id,
  userId: 'u',
  occurredAt: at,
  items: items.map((item, i) => ({ id: item, position: i + 1 })),
});

/** What the person `u` clicked. @param at milliseconds */
export const click = (id: string, at: number, itemId: string, requestId?: string): Action => ({
  kind: 'action',
  id,
  type: 'click',
  userId: 'u',
  occurredAt: at,
  itemId,
  ...(requestId === undefined ? {} : { requestId }),
});

export function interactionsOf(events: readonly EnrichedEvent[], catalogue: Catalogue): Interactions {
  const builder = interactionsBuilder({ click: 1 });
  for (const event of events) {
    if (event.kind !== 'action') continue;
    builder.add({
      actor: `user:${event.userId}`,
      item: catalogue.ordinal(event.itemId) ?? 0,
      time: event.occurredAt,
      type: event.type,
    });
  }
  return builder.finish(SIZE);
}

/** Stage one's models without an embedding model: quick, and enough for candidates and features. */
export function quickModels(interactions: Interactions): RetrievalModels {
  const follow: CoVisitationSettings = {
    window: 10,
    decay: 0.8,
    norm: 0.2,
    fromNorm: 0,
    directed: true,
    budget: 1e5,
    last: 10,
    historyDecay: 0.6,
  };
  const catalogue = { fields, itemCount: SIZE, eventWeights: { click: 1 }, ...encodeCatalogue(fields, items) };
  const tables = { follow, together: { ...follow, window: 100, directed: false } };
  return createRetrievalModels(fitCounts(catalogue, interactions, tables, undefined, { covisitation: 0.5, together: 0.5 }));
}
