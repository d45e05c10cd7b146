import { z } from 'zod';
import type { Users } from '../../users.ts';
import { fields, user as userAnswer } from '../answers.ts';
import { fieldsBody, fieldsOf } from '../fieldsBody.ts';
import { notFound } from '../notFound.ts';
import { id, limit } from '../parameters.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

const params = z.strictObject({ id });

const offset = z
  .string()
  .regex(/^\d{1,6}$/, 'must be the nextCursor of the page before')
  .transform(Number)
  .optional();

const mergeBody = z
  .strictObject({ userId: id.optional(), sessionId: id.optional() })
  .refine((from) => (from.userId === undefined) !== (from.sessionId === undefined), 'name either a userId or a sessionId')
  .meta({ id: 'MergeRequest', description: 'Whose history becomes part of this user’s.' });

/** People: attributes, erasure, and merging an anonymous history into a known one. */
export function userRoutes(users: Users): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/users',
      tag: 'Users',
      scope: 'read',
      summary: 'Some users, those with the most actions first',
      description: 'For picking one to look at: of a large population only a part is listed.',
      params: none,
      query: z.strictObject({ limit: limit(50), cursor: offset }),
      body: noBody,
      responses: {
        200: {
          description: 'The users.',
          schema: z.object({
            users: z.array(z.object({ id: z.string(), fields, actions: z.number().int() })),
            nextCursor: z.string().nullable(),
          }),
        },
      },
      async handle({ query: { limit, cursor = 0 } }) {
        const { users: page, more } = await users.list(limit, cursor);
        return { body: { users: page, nextCursor: more ? String(cursor + limit) : null } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/users/{id}',
      tag: 'Users',
      scope: 'read',
      summary: 'One user, with the latest actions',
      params,
      query: none,
      body: noBody,
      responses: {
        200: { description: 'The user.', schema: userAnswer },
        404: { description: 'Nothing is known of this user.' },
      },
      async handle({ params: { id } }) {
        const user = await users.get(id);
        if (user === undefined) throw notFound(`Nothing is known of the user "${id}".`);
        return { body: user };
      },
    }),
    defineRoute({
      method: 'put',
      path: '/users/{id}',
      tag: 'Users',
      scope: 'write',
      summary: 'Set a user’s attributes',
      params,
      query: none,
      body: fieldsBody,
      responses: {
        200: { description: 'Stored.', schema: z.object({ id: z.string(), fields }) },
        202: { description: 'Durable, not stored yet.', schema: z.object({ id: z.string(), fields }) },
      },
      async handle({ params: { id }, body }) {
        const { fields, visibility } = await users.put(id, fieldsOf(body, id));
        return { status: visibility === 'served' ? 200 : 202, body: { id, fields } };
      },
    }),
    defineRoute({
      method: 'delete',
      path: '/users/{id}',
      tag: 'Users',
      scope: 'write',
      summary: 'Erase a user: attributes and history',
      description: 'The log forgets the user’s events at its next compaction; training never sees them again.',
      params,
      query: none,
      body: noBody,
      responses: { 202: { description: 'Durable, not stored yet.' }, 204: { description: 'Erased.' } },
      async handle({ params: { id } }) {
        return { status: (await users.remove(id)) === 'served' ? 204 : 202 };
      },
    }),
    defineRoute({
      method: 'post',
      path: '/users/{id}/merge',
      tag: 'Users',
      scope: 'write',
      summary: 'Make another user’s or a session’s history this user’s',
      params,
      query: none,
      body: mergeBody,
      responses: { 202: { description: 'Durable.', schema: z.object({ id: z.string() }) } },
      async handle({ params: { id }, body }) {
        await users.merge(body, id);
        return { status: 202, body: { id } };
      },
    }),
  ];
}
