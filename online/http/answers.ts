import { z } from 'zod';
import { jsonValue } from './json.ts';

/** What routes answer, for the API description. Handlers build these shapes from the domain's types. */

export const fields = z
  .record(z.string(), jsonValue)
  .meta({ description: 'Values of the catalogue’s fields; a missing value is absent.' });

const sourceHit = z.object({ source: z.string(), score: z.number(), rank: z.number().int() });

const ruleEffect = z.object({ rule: z.string(), effect: z.string(), before: z.number(), after: z.number() });

export const explanation = z
  .object({
    relevance: z.number().meta({ description: 'The model’s own score, before any rule.' }),
    contributions: z.record(z.string(), z.number()).meta({ description: 'Each feature’s part in the score.' }),
    method: z.string().meta({ description: 'How the contributions were made.' }),
    effects: z.array(ruleEffect).meta({ description: 'Every rule that touched the item, in the order applied.' }),
    pinnedAt: z.number().int().optional(),
  })
  .meta({ id: 'Explanation' });

export const listItem = z
  .object({
    id: z.string(),
    score: z.number(),
    sources: z.array(sourceHit),
    fields,
    explanation: explanation.optional(),
  })
  .meta({ id: 'ListItem' });

const served = z.object({ artifact: z.string(), ranker: z.string(), experiment: z.string().nullable() });

export const removal = z
  .object({ id: z.string(), stage: z.string(), reason: z.string(), detail: z.string().optional() })
  .meta({ id: 'Removal' });

export const list = z
  .object({
    requestId: z.string(),
    items: z.array(listItem),
    nextCursor: z.string().nullable(),
    degraded: z.array(z.string()).meta({ description: 'Stages that answered with less than they can.' }),
    served,
  })
  .meta({ id: 'List' });

export const rankedList = list.extend({ removed: z.array(removal) }).meta({ id: 'RankedList' });

export const searchList = list
  .extend({
    items: z.array(listItem.extend({ highlights: z.record(z.string(), z.string()) })),
    facets: z.record(z.string(), z.array(z.object({ value: jsonValue, count: z.number().int() }))),
    correctedQuery: z.string().nullable(),
    notice: z.string().nullable(),
    total: z.number().int(),
  })
  .meta({ id: 'SearchList' });

export const item = z.object({ id: z.string(), fields }).meta({ id: 'Item' });
export const user = z
  .object({
    id: z.string(),
    fields,
    history: z.array(z.object({ itemId: z.string(), type: z.string(), at: z.number(), value: z.number().optional() })),
  })
  .meta({ id: 'User' });
