import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Scope } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { Logger } from '../../src/logging/logger.ts';
import { requireReadableQuery, validate, validateQuery } from './validate.ts';

export type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';

/** What a handler knows of its request beside the validated input. */
export interface RequestContext {
  readonly requestId: string;
  readonly log: Logger;
  /** Name of the API key; `anonymous` where none is asked for. */
  readonly principal: string;
  readonly ifMatch: string | undefined;
  /** A HEAD request: only the headers are wanted, so nothing is shown to anyone. */
  readonly headersOnly: boolean;
  /** The raw body, for a route that reads it as a stream. */
  readonly stream: NodeJS.ReadableStream;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string with its own Content-Type is sent as it is. Absent: no content. */
  readonly body?: unknown;
}

export interface RouteInput<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly context: RequestContext;
}

interface RouteDescription {
  readonly method: Method;
  /** In OpenAPI's form: `/items/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** What a key needs; absent where anyone may. */
  readonly scope?: Scope;
  /** Media type of the body; JSON unless said. An NDJSON body is read as a stream by the handler. */
  readonly bodyType?: 'application/x-ndjson';
  readonly responses: Readonly<Record<number, RouteResponse>>;
}

export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
}

interface RouteSpec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> extends RouteDescription {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  handle(input: RouteInput<z.infer<P>, z.infer<Q>, z.infer<B>>): Promise<Reply> | Reply;
}

/** A route as the application and the API description see it: what is asked for, and what to do. */
export interface Route extends RouteDescription {
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType;
  run(req: Request, res: Response, context: RequestContext): Promise<void>;
}

/** For a route without path or query parameters. */
export const none = z.strictObject({});
/** For a route without a body, or with one that it reads as a stream. */
export const noBody = z.undefined();

/** Ties schemas to a handler's types; the same schemas validate requests and make the API description. */
export function defineRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(spec: RouteSpec<P, Q, B>): Route {
  return {
    ...spec,
    async run(req, res, context) {
      const params = validate(spec.params, { ...req.params }, 'path');
      requireReadableQuery(req.url);
      const query = validateQuery(spec.query, req.query);
      const body = validate(spec.body, bodyOf(req, spec), 'body');
      send(res, await spec.handle({ params, query, body, context }));
    },
  };
}

function bodyOf(req: Request, spec: { body: z.ZodType; bodyType?: string }): unknown {
  const expected = spec.bodyType ?? (spec.body === noBody ? undefined : 'application/json');
  const given = req.headers['content-type'];
  if (expected !== undefined && (given === undefined || !given.toLowerCase().startsWith(expected))) {
    throw new UserError(`The body must be ${expected}, not ${given ?? 'without a Content-Type'}.`, { status: 415 });
  }
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (spec.bodyType !== undefined && encoding !== 'identity') {
    throw new UserError(`A streamed body cannot be in the encoding ${encoding}; send it as it is.`, { status: 415 });
  }
  return spec.body === noBody ? undefined : req.body;
}

function send(res: Response, reply: Reply): void {
  res.statusCode = reply.status ?? (reply.body === undefined ? 204 : 200);
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value);
  if (reply.body === undefined) {
    res.end();
    return;
  }
  if (!res.hasHeader('Content-Type')) res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.end(
    typeof reply.body === 'string' && reply.headers?.['Content-Type'] !== undefined ? reply.body : JSON.stringify(reply.body),
  );
}
