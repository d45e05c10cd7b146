import { z } from 'zod';
import type { Service } from '../../service.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

const ready = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) }).meta({ id: 'Readiness' });

/** Health, metrics, and what there is to know of this service. */
export function systemRoutes(service: Service): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/healthz',
      tag: 'System',
      summary: 'Whether the process answers',
      params: none,
      query: none,
      body: noBody,
      responses: { 200: { description: 'It does.', schema: z.object({ status: z.literal('ok') }) } },
      handle: () => ({ body: { status: 'ok' } }),
    }),
    defineRoute({
      method: 'get',
      path: '/readyz',
      tag: 'System',
      summary: 'Whether the service should get requests',
      params: none,
      query: none,
      body: noBody,
      responses: { 200: { description: 'It should.', schema: ready }, 503: { description: 'Not now.', schema: ready } },
      async handle() {
        const state = await service.readiness();
        return { status: state.ready ? 200 : 503, body: state };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/metrics',
      tag: 'System',
      scope: 'read',
      summary: 'Metrics in Prometheus’ text format',
      params: none,
      query: none,
      body: noBody,
      responses: { 200: { description: 'The metrics.', schema: z.string(), contentType: 'text/plain' } },
      async handle() {
        return { body: await service.metricsText(), headers: { 'Content-Type': service.metrics.registry.contentType } };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/about',
      tag: 'System',
      scope: 'read',
      summary: 'The catalogue’s fields, and what a page needs to show it',
      params: none,
      query: none,
      body: noBody,
      responses: {
        200: {
          description: 'About this service.',
          schema: z.object({
            title: z.string(),
            notice: z.string().optional(),
            itemTitle: z.string().nullable(),
            fields: z.record(z.string(), z.object({ type: z.string(), facet: z.boolean() })),
            userFields: z.record(z.string(), z.object({ type: z.string() })),
            eventTypes: z.array(z.object({ name: z.string(), weight: z.number() })),
            items: z.number().int(),
            artifact: z.string(),
          }),
        },
      },
      handle: () => ({ body: about(service) }),
    }),
  ];
}

function about({ config, current }: Service) {
  const definitions = Object.entries(config.fields);
  const firstText = definitions.find(([, definition]) => definition.type === 'text')?.[0] ?? null;
  return {
    title: config.about.title,
    ...(config.about.notice === undefined ? {} : { notice: config.about.notice }),
    itemTitle: config.about.itemTitle ?? firstText,
    fields: Object.fromEntries(definitions.map(([name, { type, facet }]) => [name, { type, facet }])),
    userFields: Object.fromEntries(Object.entries(config.userFields).map(([name, { type }]) => [name, { type }])),
    eventTypes: Object.entries(config.eventTypes).map(([name, { weight }]) => ({ name, weight })),
    items: current.artifact.catalogue.size,
    artifact: current.artifact.manifest.version,
  };
}
