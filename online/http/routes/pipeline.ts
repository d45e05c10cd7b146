import { z } from 'zod';
import type { Service } from '../../service.ts';
import { jsonValue } from '../json.ts';
import { limit } from '../parameters.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

const reasonCount = z.object({ reason: z.string(), count: z.number().int() });
const topic = z.enum(['invalid', 'dead-letter']);

const status = z
  .object({
    topics: z.array(z.object({ topic: z.string(), records: z.number().int() })),
    groups: z.array(z.object({ group: z.string(), topic: z.string(), lag: z.number().int() })),
    invalid: z.array(reasonCount),
    deadLetters: z.array(reasonCount),
    featureTime: z.number().nullable(),
  })
  .meta({ id: 'PipelineStatus' });

const report = z.object({
  read: z.number().int(),
  sent: z.number().int(),
  already: z.number().int(),
  filteredOut: z.number().int(),
  malformed: z.number().int(),
});

/** The event pipeline: how far it is, what it turned away and why, and sending that through again. */
export function pipelineRoutes(service: Service): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/pipeline',
      tag: 'Events',
      scope: 'read',
      summary: 'Records of each topic, lag of each consumer, reasons of what was turned away',
      params: none,
      query: none,
      body: noBody,
      responses: { 200: { description: 'The state of the pipeline.', schema: status } },
      handle: async () => ({ body: await service.pipelineStatus() }),
    }),
    defineRoute({
      method: 'get',
      path: '/pipeline/{topic}',
      tag: 'Events',
      scope: 'admin',
      summary: 'The newest events that were turned away, with reason and origin',
      params: z.strictObject({ topic }),
      query: z.strictObject({ limit: limit(50) }),
      body: noBody,
      responses: { 200: { description: 'Newest first.', schema: z.object({ records: z.array(jsonValue) }) } },
      handle: async ({ params, query }) => ({ body: { records: await service.diverted(params.topic, query.limit) } }),
    }),
    defineRoute({
      method: 'post',
      path: '/pipeline/{topic}:replay',
      tag: 'Events',
      scope: 'admin',
      summary: 'Send turned-away events through validation and enrichment again, each once',
      description:
        'Of all, or of those that a CEL condition over `reason`, `detail`, `attempts`, `divertedAt` and `event` keeps.',
      params: z.strictObject({ topic }),
      query: none,
      body: z.strictObject({ filter: z.string().max(10_000).optional(), limit: z.number().int().min(1).optional() }),
      responses: { 200: { description: 'What became of them.', schema: report } },
      handle: async ({ params, body }) => ({ body: await service.replay(params.topic, body) }),
    }),
  ];
}
