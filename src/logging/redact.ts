const SECRET_NAME = /^(authorization|cookie|set-cookie|password|secret|token|api[-_]?key|cursorsecret)$/i;
const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]*@/gi;
const BEARER = /\bBearer\s+\S+/gi;
const MAX_DEPTH = 6;

/** A copy for the log: secrets by name, bearer tokens and credentials in URLs are blanked; errors become name, message, stack. */
export function redact<T>(value: T): T;
export function redact(value: unknown): unknown {
  return clean(value, 0);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.replace(URL_CREDENTIALS, '$1***@').replace(BEARER, 'Bearer ***');
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? value.toString() : value;
  if (depth >= MAX_DEPTH) return '…';
  if (value instanceof Error) return describe(value, depth);
  if (Array.isArray(value)) return value.map((entry) => clean(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, SECRET_NAME.test(name) ? '***' : clean(entry, depth + 1)]),
  );
}

function describe(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: clean(error.message, depth + 1),
    stack: clean(error.stack, depth + 1),
    ...(error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) }),
  };
}
