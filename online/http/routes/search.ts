import { z } from 'zod';
import type { Service } from '../../service.ts';
import { limit } from '../parameters.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

/** Completion while typing. */
export const suggestRoute = (service: Service): Route =>
  defineRoute({
    method: 'get',
    path: '/suggest',
    tag: 'Lists',
    scope: 'read',
    summary: 'Completions of what is being typed',
    params: none,
    query: z.strictObject({ q: z.string(), limit: limit(8) }),
    body: noBody,
    responses: {
      200: {
        description: 'Completions, best first.',
        schema: z.object({ suggestions: z.array(z.object({ text: z.string(), score: z.number() })) }),
      },
    },
    async handle({ query: { q, limit } }) {
      return { body: { suggestions: await service.suggest(q, limit) } };
    },
  });
