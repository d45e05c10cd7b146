import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Logger } from '../../src/logging/logger.ts';
import type { Metrics } from '../../src/metrics/metrics.ts';

const GIVEN_ID = /^[\w.:-]{1,128}$/;

/** Names the request, and measures and logs it once it is answered or given up. A caller's own X-Request-Id is kept. */
export function observe(
  req: Request,
  res: Response,
  route: string,
  { metrics, logger }: { metrics: Metrics; logger: Logger },
): { requestId: string; log: Logger } {
  const given = req.headers['x-request-id'];
  const requestId = typeof given === 'string' && GIVEN_ID.test(given) ? given : randomUUID();
  res.setHeader('X-Request-Id', requestId);
  const started = performance.now();
  metrics.requestsInFlight.inc();
  res.once('close', () => {
    const milliseconds = performance.now() - started;
    metrics.requestsInFlight.dec();
    metrics.requestSeconds.observe({ method: req.method, route, status: res.statusCode }, milliseconds / 1000);
    const fields = { requestId, method: req.method, route, status: res.statusCode, ms: Math.round(milliseconds * 100) / 100 };
    if (!res.writableFinished) logger.info('client went away', fields);
    else if (QUIET.has(route)) logger.debug('answered', fields);
    else logger.info('answered', fields);
  });
  return { requestId, log: logger.child({ requestId }) };
}

/** Polled by machines all the time. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);
