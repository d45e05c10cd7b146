import * as z from 'zod/mini';

// The compiled validators need eval, which the page's content security policy forbids.
z.config({ jitless: true });

const fieldValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export const fieldsAnswer = z.record(z.string(), fieldValue);

export const itemExplanation = z.object({
  relevance: z.number(),
  contributions: z.record(z.string(), z.number()),
  method: z.optional(z.string()),
  effects: z.array(z.object({ rule: z.string(), effect: z.string(), before: z.number(), after: z.number() })),
  pinnedAt: z.optional(z.number()),
});

export const sourceHits = z.array(z.object({ source: z.string(), score: z.number(), rank: z.number() }));

const listItem = z.object({
  id: z.string(),
  score: z.number(),
  sources: sourceHits,
  fields: fieldsAnswer,
  explanation: z.optional(itemExplanation),
  highlights: z.optional(z.record(z.string(), z.string())),
});

export const listAnswer = z.object({
  requestId: z.string(),
  items: z.array(listItem),
  nextCursor: z.nullable(z.string()),
  degraded: z.array(z.string()),
  served: z.object({ artifact: z.string(), ranker: z.string(), experiment: z.nullable(z.string()) }),
  facets: z.optional(z.record(z.string(), z.array(z.object({ value: fieldValue, count: z.number() })))),
  correctedQuery: z.optional(z.nullable(z.string())),
  notice: z.optional(z.nullable(z.string())),
  total: z.optional(z.number()),
});

export const aboutAnswer = z.object({
  title: z.string(),
  notice: z.optional(z.string()),
  itemTitle: z.nullable(z.string()),
  fields: z.record(z.string(), z.object({ type: z.string(), facet: z.optional(z.boolean()) })),
  userFields: z.record(z.string(), z.object({ type: z.string() })),
  eventTypes: z.array(z.object({ name: z.string(), weight: z.number() })),
});

const person = z.object({ id: z.string(), fields: fieldsAnswer, actions: z.optional(z.number()) });
export const usersAnswer = z.object({ users: z.array(person) });
export const userAnswer = z.object({
  id: z.string(),
  fields: fieldsAnswer,
  history: z.optional(z.array(z.object({ itemId: z.string(), type: z.string(), at: z.number() }))),
});

export const itemAnswer = z.object({ id: z.string(), fields: fieldsAnswer });
export const suggestAnswer = z.object({ suggestions: z.array(z.object({ text: z.string(), score: z.number() })) });

export const problem = z.object({
  title: z.optional(z.string()),
  detail: z.optional(z.string()),
  errors: z.optional(
    z.array(
      z.object({
        path: z.string(),
        message: z.string(),
        line: z.optional(z.number()),
        column: z.optional(z.number()),
      }),
    ),
  ),
});

export type About = z.infer<typeof aboutAnswer>;
export type List = z.infer<typeof listAnswer>;
export type ListItem = z.infer<typeof listItem>;
export type ItemExplanation = z.infer<typeof itemExplanation>;
export type Person = z.infer<typeof person>;
export type Fields = z.infer<typeof fieldsAnswer>;
export type FieldValue = z.infer<typeof fieldValue>;
export type ProblemIssue = NonNullable<z.infer<typeof problem>['errors']>[number];
