import { z } from 'zod';
import type { ListAnswer, Service } from '../../service.ts';
import { list, rankedList, searchList } from '../answers.ts';
import { bool, contextObject, contextText, cursor, filter, id, idList, limit, name } from '../parameters.ts';
import { defineRoute, noBody, none, type Reply, type Route } from '../route.ts';

const who = { userId: id.optional(), sessionId: id.optional(), sessionItems: idList(200).optional() };
const how = {
  limit: limit(10),
  filter: filter.optional(),
  scenario: name.optional(),
  context: contextText.optional(),
  cursor: cursor.optional(),
  explain: bool(false),
  record: bool(true),
};

const facets = z
  .string()
  .transform((text) => text.split(',').filter((part) => part !== ''))
  .meta({ type: 'string', description: 'Facet fields separated by commas.', example: 'genres,year' });

const rankBody = z
  .strictObject({
    userId: id.optional(),
    sessionId: id.optional(),
    sessionItems: z.array(id).max(200).optional(),
    query: z.string().optional(),
    items: z.array(id).max(1000, 'must name at most 1000 items'),
    limit: z.number().int().min(1).max(1000).optional(),
    filter: filter.optional(),
    excludeSeen: z.boolean().default(false),
    scenario: name.optional(),
    context: contextObject.optional(),
    explain: z.boolean().default(false),
  })
  .meta({ id: 'RankRequest' });

/** The routes that answer a list: all of them go through the same stages. */
export function listRoutes(service: Service): Route[] {
  return [recommend(service), search(service), similar(service), rank(service)];
}

const recommend = (service: Service) =>
  defineRoute({
    method: 'get',
    path: '/recommend',
    tag: 'Lists',
    scope: 'read',
    summary: 'Items for a person',
    description:
      'Two stages: candidates from several sources, then the ranker, then rules. Without a user or session, what is popular within policy.',
    params: none,
    query: z.strictObject({ ...who, ...how, excludeSeen: bool(true), personalise: bool(true) }),
    body: noBody,
    responses: { 200: { description: 'The list.', schema: list } },
    async handle({ query: { record, ...asked }, context }) {
      return reply(await service.list({ ...base, ...asked, route: 'recommend' }, { record: record && !context.headersOnly }));
    },
  });

const search = (service: Service) =>
  defineRoute({
    method: 'get',
    path: '/search',
    tag: 'Lists',
    scope: 'read',
    summary: 'Items for a text',
    description: 'Lexical and semantic retrieval, then the same ranking and rules. An empty query lists what the filter keeps.',
    params: none,
    query: z.strictObject({
      q: z.string(),
      ...who,
      ...how,
      facets: facets.optional(),
      sort: z.string().max(1000).optional(),
      excludeSeen: bool(false),
      personalise: bool(true),
    }),
    body: noBody,
    responses: { 200: { description: 'The list.', schema: searchList } },
    async handle({ query: { q, record, ...asked }, context }) {
      const recorded = record && !context.headersOnly;
      return reply(await service.list({ ...base, ...asked, route: 'search', text: q }, { record: recorded }));
    },
  });

const similar = (service: Service) =>
  defineRoute({
    method: 'get',
    path: '/items/{id}/similar',
    tag: 'Lists',
    scope: 'read',
    summary: 'Items like this one',
    params: z.strictObject({ id }),
    query: z.strictObject({ ...who, ...how, excludeSeen: bool(false) }),
    body: noBody,
    responses: { 200: { description: 'The list.', schema: list }, 404: { description: 'There is no such item.' } },
    async handle({ params, query: { record, ...asked }, context }) {
      const recorded = record && !context.headersOnly;
      return reply(await service.list({ ...base, ...asked, route: 'similar', anchor: params.id }, { record: recorded }));
    },
  });

const rank = (service: Service) =>
  defineRoute({
    method: 'post',
    path: '/rank',
    tag: 'Lists',
    scope: 'read',
    summary: 'The caller’s own candidates, ranked',
    description:
      'Candidates go through filter, policies, enrichment, ranking and rules; what was removed is told with its reason.',
    params: none,
    query: z.strictObject({ record: bool(true) }),
    body: rankBody,
    responses: { 200: { description: 'The list.', schema: rankedList } },
    async handle({ query: { record }, body: { query: text, ...asked } }) {
      const limited = asked.limit ?? Math.max(1, asked.items.length);
      const request = { ...base, ...asked, text, limit: limited, route: 'rank' as const };
      return reply(await service.list(request, { record }));
    },
  });

const base = { sessionItems: [], context: {}, facets: [], personalise: true };

function reply(answer: ListAnswer): Reply {
  return { body: answer.body, headers: { 'Server-Timing': answer.serverTiming } };
}
