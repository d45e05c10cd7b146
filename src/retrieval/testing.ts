import type { FieldDefinitions } from '../config/schema.ts';
import type { Item } from '../domain/item.ts';
import { seededRandom } from '../domain/random.ts';
import { type Interactions, interactionsBuilder } from './interactions.ts';

export const testFields: FieldDefinitions = {
  title: { type: 'text', facet: false, searchBoost: 1 },
  genres: { type: 'categories', facet: false, separator: '|', searchBoost: 0.5 },
  year: { type: 'number', facet: false },
};

/** A small world with structure: items stand in a ring of groups, and people walk along a group with rare jumps. */
export function walkers(options: { users: number; items: number; length: number; seed?: number }): {
  items: Item[];
  interactions: Interactions;
} {
  const random = seededRandom(options.seed ?? 1);
  const groups = Math.max(1, Math.floor(options.items / 10));
  const items = Array.from({ length: options.items }, (_, i) => ({
    id: `i${i}`,
    fields: { title: `item ${i}`, genres: [`g${i % groups}`], year: 1980 + (i % 40) },
  }));
  const builder = interactionsBuilder({ click: 1, dislike: -1 });
  for (let u = 0; u < options.users; u++) {
    let at = Math.floor(random() * options.items);
    for (let step = 0; step < options.length; step++) {
      builder.add({ actor: `user:${u}`, item: at, time: 1_000_000 + step * 1000 + u, type: 'click' });
      at = random() < 0.1 ? Math.floor(random() * options.items) : (at + groups) % options.items;
    }
  }
  return { items, interactions: builder.finish(options.items) };
}
