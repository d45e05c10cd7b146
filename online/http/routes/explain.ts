import { z } from 'zod';
import { UserError } from '../../../src/domain/errors.ts';
import type { Service } from '../../service.ts';
import { explanation, removal } from '../answers.ts';
import { contextText, filter, id, idList, limit, name, optionalBool } from '../parameters.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

export const explained = z
  .object({
    requestId: z.string(),
    itemId: z.string(),
    outcome: z.enum(['listed', 'removed']),
    position: z.number().int().optional(),
    score: z.number().optional(),
    sources: z.array(z.object({ source: z.string(), score: z.number(), rank: z.number() })).optional(),
    explanation: explanation.optional(),
    removal: removal.optional(),
    cutoff: z.object({ score: z.number(), rank: z.number() }).optional(),
  })
  .meta({ id: 'Explained' });

/** Why an item is in a list, or is not: the request is run as it would be, and the item's way through the stages is told. */
export const explainRoute = (service: Service): Route =>
  defineRoute({
    method: 'get',
    path: '/explain',
    tag: 'Lists',
    scope: 'read',
    summary: 'Where an item stands in someone’s list, or what removed it',
    description:
      'With `q` it is about the search, with `similarTo` about the items similar to that one, else about the recommendation.',
    params: none,
    query: z.strictObject({
      itemId: id,
      userId: id.optional(),
      sessionId: id.optional(),
      sessionItems: idList(200).optional(),
      q: z.string().optional(),
      similarTo: id.optional(),
      limit: limit(10),
      filter: filter.optional(),
      excludeSeen: optionalBool,
      scenario: name.optional(),
      context: contextText.optional(),
    }),
    body: noBody,
    responses: { 200: { description: 'The item’s fate.', schema: explained } },
    async handle({ query: { itemId, q, similarTo, excludeSeen, ...asked } }) {
      if (q !== undefined && similarTo !== undefined) {
        throw new UserError('Name either q or similarTo.', { issues: [{ path: 'similarTo', message: 'cannot go with q' }] });
      }
      const route = q !== undefined ? 'search' : similarTo !== undefined ? 'similar' : 'recommend';
      return {
        body: await service.explain({
          sessionItems: [],
          context: {},
          facets: [],
          personalise: true,
          explain: true,
          ...asked,
          excludeSeen: excludeSeen ?? route === 'recommend',
          route,
          text: q,
          anchor: similarTo,
          probe: itemId,
        }),
      };
    },
  });
