import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { noBody, type Route } from './route.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    requestId: z.string().optional(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string(), line: z.number().optional(), column: z.number().optional() }))
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details; every invalid field is named under `errors`.' });

/** The API description, made from the very schemas that validate requests. */
export function describeApi(routes: readonly Route[], info: { title: string; version: string; secured: boolean }) {
  const registry = new OpenAPIRegistry();
  if (info.secured) registry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' });
  for (const route of routes) registry.registerPath(describePath(route, info.secured));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    servers: [{ url: '/' }],
  });
}

function describePath(route: Route, secured: boolean): Parameters<OpenAPIRegistry['registerPath']>[0] {
  const mediaType = route.bodyType ?? 'application/json';
  const bodySchema = route.bodyType === undefined ? route.body : z.string();
  const hasBody = route.body !== noBody || route.bodyType !== undefined;
  return {
    method: route.method,
    path: route.path,
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    ...(secured && route.scope !== undefined ? { security: [{ apiKey: [] }] } : {}),
    request: {
      params: route.params,
      query: route.query,
      ...(hasBody ? { body: { required: true, content: { [mediaType]: { schema: bodySchema } } } } : {}),
    },
    responses: {
      ...Object.fromEntries(Object.entries(route.responses).map(([status, response]) => [status, describeResponse(response)])),
      default: { description: 'What went wrong.', content: { 'application/problem+json': { schema: problem } } },
    },
  };
}

function describeResponse(response: Route['responses'][number]) {
  if (response.schema === undefined) return { description: response.description };
  return {
    description: response.description,
    content: { [response.contentType ?? 'application/json']: { schema: response.schema } },
  };
}
