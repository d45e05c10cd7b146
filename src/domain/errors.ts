/**
 * An error a person can act on: bad input, a missing file, a foreign artifact. Commands print its message on one line and
 * exit 1; the service answers with its status. Anything else that is thrown is a bug.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** HTTP status of the answer when a request caused it. */
  readonly status: number;
  /** The fields that are wrong, each with what was expected. */
  readonly issues: readonly FieldIssue[];

  constructor(message: string, options: { status?: number; issues?: readonly FieldIssue[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status ?? 400;
    this.issues = options.issues ?? [];
  }
}

export interface FieldIssue {
  /** Path of the field, such as `dataset.items.source` or `limit`. */
  readonly path: string;
  readonly message: string;
  /** 1-based place in a file or in an expression, where known. */
  readonly line?: number;
  readonly column?: number;
}

/** A dependency (store, log, index, model) that is away or too slow. The pipeline degrades on it; a write answers 503. */
export class UnavailableError extends UserError {
  override readonly name = 'UnavailableError';
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number;

  constructor(message: string, options: { retryAfter?: number; status?: 503 | 507; cause?: unknown } = {}) {
    super(message, { status: options.status ?? 503, cause: options.cause });
    this.retryAfter = options.retryAfter ?? 1;
  }
}
