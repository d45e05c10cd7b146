import { z } from 'zod';
import { UserError } from '../../../src/domain/errors.ts';
import type { Service } from '../../service.ts';
import { jsonValue } from '../json.ts';
import { defineRoute, none, type Route } from '../route.ts';

const MAX_EVENTS = 1000;

/** Each event is checked by the collector, so that one that is wrong costs only itself. */
const eventsBody = z
  .strictObject({
    events: z
      .array(jsonValue)
      .min(1, 'must hold at least one event')
      .max(MAX_EVENTS, `must hold at most ${MAX_EVENTS} events`)
      .meta({
        description:
          'Each: { id, type, schemaVersion, occurredAt (milliseconds or ISO 8601), payload: { userId and/or sessionId, itemId, value?, requestId?, position? } }.',
        example: [
          {
            id: 'e1',
            type: 'click',
            schemaVersion: 1,
            occurredAt: '2026-01-01T12:00:00Z',
            payload: { userId: 'u1', itemId: 'i42', requestId: 'r1', position: 3 },
          },
        ],
      }),
  })
  .meta({ id: 'EventsRequest' });

const issue = z.object({ path: z.string(), message: z.string() });

const eventsAnswer = z
  .object({
    accepted: z.number().int(),
    rejected: z.number().int(),
    verdicts: z.array(z.object({ id: z.string().nullable(), accepted: z.boolean(), errors: z.array(issue).optional() })),
  })
  .meta({ id: 'EventsAnswer' });

/** What people do. */
export function eventRoutes(service: Service): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/events',
      tag: 'Events',
      scope: 'write',
      summary: 'Tell what people did',
      description:
        'Answered 202 once every accepted event is durable in the log. A rejected one is named with what is wrong. An event whose payload does not fit its schema is found later and kept among the invalid ones.',
      params: none,
      query: none,
      body: eventsBody,
      responses: {
        202: { description: 'Durable.', schema: eventsAnswer },
        400: { description: 'No event of the batch was accepted.' },
        503: { description: 'The log is away, or too much waits; nothing was accepted.' },
      },
      async handle({ body }) {
        const verdicts = await service.accept(body.events);
        const accepted = verdicts.filter((verdict) => verdict.accepted).length;
        if (accepted === 0) {
          throw new UserError('No event of the batch was accepted.', { issues: verdicts.flatMap(({ issues }) => issues ?? []) });
        }
        const told = verdicts.map(({ id, accepted, issues }) => ({
          id,
          accepted,
          ...(issues === undefined ? {} : { errors: issues }),
        }));
        return { status: 202, body: { accepted, rejected: verdicts.length - accepted, verdicts: told } };
      },
    }),
  ];
}
