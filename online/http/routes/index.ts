import type { Service } from '../../service.ts';
import { jsonValue } from '../json.ts';
import { describeApi } from '../openapi.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';
import { analyticsRoute } from './analytics.ts';
import { eventRoutes } from './events.ts';
import { explainRoute } from './explain.ts';
import { itemRoutes } from './items.ts';
import { listRoutes } from './lists.ts';
import { pipelineRoutes } from './pipeline.ts';
import { ruleRoutes } from './rules.ts';
import { suggestRoute } from './search.ts';
import { systemRoutes } from './system.ts';
import { userRoutes } from './users.ts';

/** Every route of the service, and the description made from them. */
export function createRoutes(service: Service, version: string): Route[] {
  const routes: Route[] = [
    ...listRoutes(service),
    suggestRoute(service),
    explainRoute(service),
    ...itemRoutes(service),
    ...userRoutes(service.users),
    ...eventRoutes(service),
    ...pipelineRoutes(service),
    ...ruleRoutes(service.governing),
    analyticsRoute(service),
    ...systemRoutes(service),
  ];
  const described = defineRoute({
    method: 'get',
    path: '/openapi.json',
    tag: 'System',
    summary: 'This description',
    params: none,
    query: none,
    body: noBody,
    responses: { 200: { description: 'OpenAPI 3.1.', schema: jsonValue } },
    handle: () => ({ body: document }),
  });
  routes.push(described);
  const document = describeApi(routes, {
    title: service.config.about.title,
    version,
    secured: service.config.apiKeys.length > 0,
  });
  return routes;
}
