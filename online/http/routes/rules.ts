import { z } from 'zod';
import { UserError } from '../../../src/domain/errors.ts';
import type { Governing } from '../../governing.ts';
import { list } from '../answers.ts';
import { jsonValue } from '../json.ts';
import { contextObject, filter, id } from '../parameters.ts';
import { defineRoute, noBody, none, type Reply, type Route } from '../route.ts';

const governance = z
  .strictObject({ rules: jsonValue, policies: jsonValue })
  .meta({ id: 'Governance', description: 'Lists of rules and policies, in the form of rules.yaml and policies.yaml.' });

const published = z.object({
  version: z.number().int(),
  at: z.string(),
  by: z.string(),
  rules: jsonValue,
  policies: jsonValue,
});

const previewBody = z
  .strictObject({
    rules: jsonValue,
    policies: jsonValue,
    requests: z
      .array(
        z
          .strictObject({
            userId: id.optional(),
            sessionItems: z.array(id).max(200).optional(),
            q: z.string().optional(),
            similarTo: id.optional(),
            scenario: z.string().optional(),
            filter: filter.optional(),
            context: contextObject.optional(),
            limit: z.number().int().min(1).max(100).default(10),
          })
          .refine(({ q, similarTo }) => q === undefined || similarTo === undefined, 'names either q or similarTo'),
      )
      .min(1, 'must hold at least one request')
      .max(20, 'must hold at most 20 requests'),
  })
  .meta({ id: 'PreviewRequest' });

const move = z.object({
  id: z.string(),
  kind: z.enum(['entered', 'left', 'up', 'down']),
  before: z.number().int().optional(),
  after: z.number().int().optional(),
});

const versions = z.object({ versions: z.array(z.object({ version: z.number(), at: z.string(), by: z.string() })) });

/** Overlays and policies: read, published, tried out, taken back. */
export function ruleRoutes(governing: Governing): Route[] {
  const answer = (status = 200): Reply => {
    const { version, at, by, etag, source } = governing.current();
    return { status, headers: { ETag: etag }, body: { version, at, by, ...source } };
  };
  return [
    defineRoute({
      method: 'get',
      path: '/rules',
      tag: 'Rules',
      scope: 'read',
      summary: 'Rules and policies in force',
      description: 'The ETag goes into the If-Match of a change, so that nobody overwrites what someone else has just published.',
      params: none,
      query: none,
      body: noBody,
      responses: { 200: { description: 'What is in force.', schema: published } },
      async handle() {
        await governing.refresh();
        return answer();
      },
    }),
    defineRoute({
      method: 'put',
      path: '/rules',
      tag: 'Rules',
      scope: 'rules',
      summary: 'Publish rules and policies',
      description:
        'Taken whole or not at all: a set with an error in it is refused with every error named, and the old one serves on.',
      params: none,
      query: none,
      body: governance,
      responses: {
        200: { description: 'Published.', schema: published },
        412: { description: 'Someone else published in between.' },
        428: { description: 'If-Match is missing.' },
      },
      async handle({ body, context }) {
        await governing.publish(body, { ifMatch: requireMatch(context.ifMatch), by: context.principal });
        return answer();
      },
    }),
    defineRoute({
      method: 'get',
      path: '/rules/versions',
      tag: 'Rules',
      scope: 'read',
      summary: 'Versions that can be rolled back to, newest first',
      params: none,
      query: none,
      body: noBody,
      responses: { 200: { description: 'Versions, with who and when.', schema: versions } },
      handle: async () => ({ body: { versions: await governing.versions() } }),
    }),
    defineRoute({
      method: 'post',
      path: '/rules:rollback',
      tag: 'Rules',
      scope: 'rules',
      summary: 'Publish an earlier version again',
      params: none,
      query: none,
      body: z.strictObject({ version: z.number().int().min(1).optional() }),
      responses: { 200: { description: 'Published.', schema: published } },
      async handle({ body, context }) {
        await governing.rollback(body.version, { ifMatch: context.ifMatch, by: context.principal });
        return answer();
      },
    }),
    defineRoute({
      method: 'post',
      path: '/rules:preview',
      tag: 'Rules',
      scope: 'rules',
      summary: 'Lists before and after a change, without publishing it',
      params: none,
      query: none,
      body: previewBody,
      responses: {
        200: {
          description: 'For each request the list as it is and as it would be.',
          schema: z.object({
            previews: z.array(z.object({ request: jsonValue, before: list, after: list, moved: z.array(move) })),
          }),
        },
      },
      handle: async ({ body: { requests, ...source } }) => ({ body: { previews: await governing.preview(source, requests) } }),
    }),
  ];
}

function requireMatch(ifMatch: string | undefined): string {
  if (ifMatch !== undefined) return ifMatch;
  throw new UserError('Send If-Match with the ETag of GET /rules, or * to replace whatever is there.', {
    status: 428,
    issues: [{ path: 'If-Match', message: 'is missing' }],
  });
}
