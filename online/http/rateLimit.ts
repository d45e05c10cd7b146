import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Config } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';

/**
 * So many requests a minute for each API key, counted in this process. Without keys the service is on loopback and nothing
 * is limited.
 */
export function createRateLimit(
  config: Pick<Config, 'apiKeys' | 'serving'>,
  callerOf: (req: Request) => string | undefined,
): RequestHandler {
  if (config.apiKeys.length === 0) return (_req, _res, next) => next();
  return rateLimit({
    windowMs: 60_000,
    limit: config.serving.rateLimitPerMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (req) => callerOf(req) ?? ipKeyGenerator(req.ip ?? ''),
    handler: (_req, _res, next) => {
      next(new UserError(`More than ${config.serving.rateLimitPerMinute} requests in a minute; wait a little.`, { status: 429 }));
    },
  });
}
