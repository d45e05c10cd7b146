import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Config } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { Logger } from '../../src/logging/logger.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';
import { createAuthenticator, type Principal, requireScope } from './auth.ts';
import { jsonBody } from './body.ts';
import { observe } from './observe.ts';
import { mountPages } from './pages.ts';
import { asUserError, sendProblem } from './problem.ts';
import { createRateLimit } from './rateLimit.ts';
import { noBody, type Route } from './route.ts';

export interface AppOptions {
  readonly config: Pick<Config, 'apiKeys' | 'serving'>;
  readonly routes: readonly Route[];
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Folder of the built playground. */
  readonly webRoot: string;
}

/** The Express application: for each route, who may call it, how often, what it takes, then what it does. */
export function createApp(options: AppOptions): Express {
  const { routes } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(helmet({ contentSecurityPolicy: { directives: CONTENT_SECURITY }, strictTransportSecurity: false }));
  const serve = createHandler(options);
  for (const route of routes) app[route.method](expressPath(route.path), serve(route));
  for (const [path, methods] of methodsByPath(routes)) app.all(path, refuseMethod(options, methods));
  mountPages(app, options.webRoot, options.logger);
  app.use((req: Request, res: Response) => {
    const { requestId } = observe(req, res, 'unknown', options);
    sendProblem(res, new UserError(`There is no ${req.method} ${shorten(req.path)} here.`, { status: 404 }), requestId);
  });
  app.use((error: unknown, req: Request, res: Response, _next: express.NextFunction) => {
    const { requestId } = observe(req, res, 'unknown', options);
    sendProblem(res, asUserError(error), requestId);
  });
  return app;
}

const CONTENT_SECURITY = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  styleSrc: ["'self'", "'unsafe-inline'"],
  upgradeInsecureRequests: null,
};

function createHandler({ config, metrics, logger }: AppOptions) {
  const authenticate = createAuthenticator(config.apiKeys);
  const principals = new WeakMap<Request, Principal>();
  const limitRate = promised(createRateLimit(config, (req) => principals.get(req)?.name));
  const parseBody = promised(jsonBody(config.serving.maxBodyBytes));
  return (route: Route) => async (req: Request, res: Response) => {
    const seen = observe(req, res, route.path, { metrics, logger });
    try {
      if (route.scope !== undefined) {
        const principal = authenticate(req.headers.authorization);
        principals.set(req, principal);
        await limitRate(req, res);
        requireScope(principal, route.scope);
      }
      if (route.body !== noBody) await parseBody(req, res);
      await route.run(req, res, {
        ...seen,
        principal: principals.get(req)?.name ?? 'anonymous',
        ifMatch: req.headers['if-match'],
        headersOnly: req.method === 'HEAD',
        stream: req,
      });
    } catch (thrown) {
      const error = asUserError(thrown);
      if (error.status === 500) seen.log.error('request failed', { route: route.path, error: thrown });
      sendProblem(res, error, seen.requestId);
    }
  };
}

/** A middleware as a promise: resolves where it calls next. */
const promised = (middleware: express.RequestHandler) => (req: Request, res: Response) =>
  new Promise<void>((resolve, reject) => {
    middleware(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });

function refuseMethod(options: AppOptions, methods: readonly string[]) {
  return (req: Request, res: Response) => {
    const { requestId } = observe(req, res, 'unknown', options);
    const allow = methods.map((method) => method.toUpperCase()).join(', ');
    res.setHeader('Allow', allow);
    sendProblem(res, new UserError(`${req.method} is not possible here; ${allow} is.`, { status: 405 }), requestId);
  };
}

/** `/items/{id}` as Express writes it; a colon of the path itself is escaped. */
export const expressPath = (path: string): string => path.replaceAll(':', '\\:').replaceAll(/\{(\w+)\}/g, ':$1');

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const route of routes) {
    const path = expressPath(route.path);
    methods.set(path, [...(methods.get(path) ?? []), route.method]);
  }
  return methods;
}

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
