import { z } from 'zod';
import type { Items } from '../../items.ts';
import type { Service } from '../../service.ts';
import { item as itemAnswer } from '../answers.ts';
import { fieldsBody, fieldsOf } from '../fieldsBody.ts';
import { readItemLines } from '../itemLines.ts';
import { notFound } from '../notFound.ts';
import { id } from '../parameters.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

const params = z.strictObject({ id });

const through = z.object({ shown: z.number(), acted: z.number(), rate: z.number().nullable() });
const activity = z
  .object({
    actions: z.array(z.object({ type: z.string(), count: z.number().int(), lastAt: z.number() })),
    clickThrough: z.object({ day: through, month: through }),
  })
  .meta({
    id: 'ItemActivity',
    description:
      'Actions by type, and how many of the latest showings were acted upon: halved every day, and every 30 days. Showings count for how probably their place was looked at.',
  });

/** The catalogue, live. */
export function itemRoutes({ items, itemActivity: activityOf }: Pick<Service, 'items' | 'itemActivity'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/items/{id}',
      tag: 'Catalogue',
      scope: 'read',
      summary: 'One item',
      params,
      query: none,
      body: noBody,
      responses: { 200: { description: 'The item.', schema: itemAnswer }, 404: { description: 'There is no such item.' } },
      handle({ params: { id } }) {
        const item = items.get(id);
        if (item === undefined) throw notFound(`There is no item "${id}".`);
        return { body: item };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/items/{id}/activity',
      tag: 'Catalogue',
      scope: 'read',
      summary: 'How often an item was acted upon, and where it was shown',
      params,
      query: none,
      body: noBody,
      responses: { 200: { description: 'Its counters.', schema: activity }, 404: { description: 'There is no such item.' } },
      async handle({ params: { id } }) {
        if (items.get(id) === undefined) throw notFound(`There is no item "${id}".`);
        return { body: await activityOf(id) };
      },
    }),
    defineRoute({
      method: 'put',
      path: '/items/{id}',
      tag: 'Catalogue',
      scope: 'write',
      summary: 'Insert or replace an item',
      description: 'Answered once the change is durable and, within a second, served: the item can then be read and retrieved.',
      params,
      query: none,
      body: fieldsBody,
      responses: {
        200: { description: 'Replaced.', schema: itemAnswer },
        201: { description: 'New.', schema: itemAnswer },
        202: { description: 'Durable, not served yet.', schema: itemAnswer },
      },
      async handle({ params: { id }, body }) {
        const { item, created, visibility } = await items.put(id, fieldsOf(body, id));
        return { status: visibility === 'accepted' ? 202 : created ? 201 : 200, body: item };
      },
    }),
    defineRoute({
      method: 'patch',
      path: '/items/{id}',
      tag: 'Catalogue',
      scope: 'write',
      summary: 'Change some fields of an item; null takes one away',
      params,
      query: none,
      body: fieldsBody,
      responses: {
        200: { description: 'Changed.', schema: itemAnswer },
        202: { description: 'Durable, not served yet.', schema: itemAnswer },
        404: { description: 'There is no such item.' },
      },
      async handle({ params: { id }, body }) {
        const { item, visibility } = await items.patch(id, fieldsOf(body, id));
        return { status: visibility === 'accepted' ? 202 : 200, body: item };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/items/{id}',
      tag: 'Catalogue',
      scope: 'write',
      summary: 'Take an item away',
      params,
      query: none,
      body: noBody,
      responses: {
        202: { description: 'Durable, still served for a moment.' },
        204: { description: 'Gone.' },
        404: { description: 'There is no such item.' },
      },
      async handle({ params: { id } }) {
        return { status: (await items.remove(id)) === 'served' ? 204 : 202 };
      },
    }),
    batch(items),
  ];
}

const batch = (items: Items) =>
  defineRoute({
    method: 'post',
    path: '/items:batch',
    tag: 'Catalogue',
    scope: 'write',
    summary: 'Insert or replace many items, one JSON object a line',
    description: 'Each line is `{ "id": …, "fields": { … } }`. Lines that are wrong are told and left out; the others are put.',
    params: none,
    query: none,
    body: noBody,
    bodyType: 'application/x-ndjson',
    responses: {
      200: {
        description: 'What became of the lines.',
        schema: z.object({
          accepted: z.number().int(),
          rejected: z.number().int(),
          visibility: z.enum(['served', 'accepted']),
          errors: z.array(z.object({ line: z.number().int(), message: z.string() })).meta({ description: 'The first thousand.' }),
        }),
      },
    },
    async handle({ context }) {
      return { body: await readItemLines(context.stream, items) };
    },
  });
