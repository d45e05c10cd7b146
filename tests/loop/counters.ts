import { z } from 'zod';
import type { StateFeature } from '../../src/features/feature.ts';

/** How often an entity was acted upon or acted, to compare with an exact recount. */
const counter = (entity: 'actor' | 'item'): StateFeature<number> => ({
  name: `count-${entity}`,
  version: 1,
  entity,
  schema: z.number(),
  initial: 0,
  read: (value) => (typeof value === 'number' ? value : 0),
  update: (count, event) => (event.kind === 'action' ? count + 1 : count),
  merge: (a, b) => a + b,
});

export const counters: readonly StateFeature[] = [counter('actor'), counter('item')];
