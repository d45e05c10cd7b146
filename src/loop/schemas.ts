import { z } from 'zod';
import type { CatalogueChange, EnrichedEvent, RawEvent } from '../domain/event.ts';
import type { JsonValue } from '../domain/json.ts';

/** What log records hold, checked where they are read: an older version or another program may have written them. */
const fieldsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]));
const originSchema = z.enum(['import', 'live']);
const actorShape = { userId: z.string().optional(), sessionId: z.string().optional() };
const jsonSchema: z.ZodType<JsonValue> = z.json();

export const catalogueChangeSchema: z.ZodType<CatalogueChange> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('item.put'), item: z.object({ id: z.string(), fields: fieldsSchema }), origin: originSchema }),
  z.object({ kind: z.literal('item.delete'), id: z.string(), origin: originSchema }),
  z.object({ kind: z.literal('user.put'), user: z.object({ id: z.string(), fields: fieldsSchema }), origin: originSchema }),
  z.object({ kind: z.literal('user.delete'), id: z.string(), origin: originSchema }),
  z.object({ kind: z.literal('user.merge'), from: z.object(actorShape), into: z.string(), origin: originSchema }),
]);

const servedSchema = z.object({ artifact: z.string(), ranker: z.string(), experiment: z.string().nullable() });

const shownItemSchema = z.object({
  id: z.string(),
  position: z.number(),
  score: z.number().optional(),
  propensity: z.number().optional(),
});

export const enrichedEventSchema: z.ZodType<EnrichedEvent> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('action'),
    id: z.string(),
    type: z.string(),
    occurredAt: z.number(),
    itemId: z.string(),
    value: z.number().optional(),
    requestId: z.string().optional(),
    position: z.number().optional(),
    origin: originSchema.optional(),
    ...actorShape,
  }),
  z.object({
    kind: z.literal('impression'),
    id: z.string(),
    occurredAt: z.number(),
    requestId: z.string(),
    items: z.array(shownItemSchema).readonly(),
    route: z.enum(['recommend', 'search', 'similar', 'rank']).optional(),
    query: z.string().optional(),
    anchor: z.string().optional(),
    scenario: z.string().optional(),
    context: jsonSchema.optional(),
    served: servedSchema.optional(),
    origin: originSchema.optional(),
    ...actorShape,
  }),
]);

export const rawEventSchema: z.ZodType<RawEvent> = z.object({
  id: z.string(),
  type: z.string(),
  schemaVersion: z.number(),
  occurredAt: z.number(),
  payload: jsonSchema,
  attempt: z.number().int().positive().optional(),
});

/** An event that was diverted, with all that is needed to understand it and to send it through again. */
export const divertedEventSchema = z.object({
  /** The record's value as it was in its topic, whatever it is. */
  event: jsonSchema,
  reason: z.string(),
  detail: z.string(),
  origin: z.object({ topic: z.string(), partition: z.number(), offset: z.number() }),
  /** When it was diverted, wall clock in milliseconds. */
  divertedAt: z.number(),
  /** How often it has gone through the enricher, this time included. */
  attempts: z.number().int().positive(),
});
export type DivertedEvent = z.infer<typeof divertedEventSchema>;
