import type { Response } from 'express';
import { type FieldIssue, UnavailableError, UserError } from '../../src/domain/errors.ts';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  415: 'Unsupported media type',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Request header fields too large',
  500: 'Internal error',
  503: 'Unavailable',
  507: 'Out of storage',
};

/** RFC 9457 problem details, with the invalid fields under `errors`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldIssue[];
}

export function problemOf(error: UserError, requestId?: string): Problem {
  return {
    type: 'about:blank',
    title: TITLES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    ...(requestId === undefined ? {} : { requestId }),
    ...(error.issues.length === 0 ? {} : { errors: error.issues }),
  };
}

/** What a person may be told of anything that was thrown. A bug's own words stay in the log. */
export function asUserError(thrown: unknown): UserError {
  if (thrown instanceof UserError) return thrown;
  if (thrown instanceof Error) {
    const known = fromHttpLibrary(thrown);
    if (known !== undefined) return known;
  }
  return new UserError('Something went wrong here; the log has it under the request id.', { status: 500, cause: thrown });
}

/** Errors of Express and its body parser: they carry a `type` and a status. */
function fromHttpLibrary(error: Error): UserError | undefined {
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined;
  const type = 'type' in error && typeof error.type === 'string' ? error.type : undefined;
  const limit = 'limit' in error && typeof error.limit === 'number' ? error.limit : undefined;
  if (type === 'entity.parse.failed') return new UserError(`The body is not JSON: ${error.message}`);
  if (type === 'entity.too.large') return new UserError(`The body is larger than ${limit ?? 'allowed'} bytes.`, { status: 413 });
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return new UserError(error.message, { status: 415 });
  if (error instanceof URIError) return new UserError('The path holds a percent sign that starts no valid escape.');
  if (status !== undefined && status >= 400 && status < 500) return new UserError(error.message, { status });
  return undefined;
}

export function sendProblem(res: Response, error: UserError, requestId?: string): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  if (error instanceof UnavailableError) res.setHeader('Retry-After', String(error.retryAfter));
  res
    .status(error.status)
    .setHeader('Content-Type', 'application/problem+json')
    .end(JSON.stringify(problemOf(error, requestId)));
}
