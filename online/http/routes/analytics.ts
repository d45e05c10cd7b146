import { z } from 'zod';
import type { Service } from '../../service.ts';
import { limit } from '../parameters.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

const queryCount = z.object({ query: z.string(), searches: z.number(), clicks: z.number(), clickThrough: z.number() });

/** What people searched for and clicked. */
export const analyticsRoute = (service: Service): Route =>
  defineRoute({
    method: 'get',
    path: '/analytics/search',
    tag: 'Analytics',
    scope: 'read',
    summary: 'Top queries, queries without a result, and clicks by position',
    description: 'Counted from the newest part of the log.',
    params: none,
    query: z.strictObject({ limit: limit(50) }),
    body: noBody,
    responses: {
      200: {
        description: 'The counts.',
        schema: z.object({
          searches: z.number(),
          topQueries: z.array(queryCount),
          noResultQueries: z.array(queryCount),
          clickPositions: z.array(z.object({ position: z.number(), clicks: z.number(), shown: z.number() })),
        }),
      },
    },
    handle: ({ query }) => ({ body: service.searchReport(query.limit) }),
  });
