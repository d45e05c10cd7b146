import * as z from 'zod/mini';
import { type ProblemIssue, problem } from './answers.ts';
import { apiKey } from './state.ts';

/** An answer that was an error, with the fields the service named. */
export class ApiError extends Error {
  readonly status: number;
  readonly issues: readonly ProblemIssue[];

  constructor(status: number, message: string, issues: readonly ProblemIssue[]) {
    super(message);
    this.status = status;
    this.issues = issues;
  }
}

export interface Timing {
  readonly stage: string;
  readonly milliseconds: number;
}

export type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path with the parameters that have a value, if an empty one. */
export function withParameters(path: string, parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** Stages' times from the `Server-Timing` header, such as `retrieve;dur=1.2`. */
function timings(header: string | null): Timing[] {
  return (header ?? '').split(',').flatMap((part) => {
    const duration = /;\s*dur=([\d.]+)/.exec(part);
    return duration?.[1] === undefined ? [] : [{ stage: part.trim().split(';')[0] ?? '', milliseconds: Number(duration[1]) }];
  });
}

function parse<T extends z.ZodMiniType>(schema: T, body: unknown): z.infer<T> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new ApiError(0, `The service answered in a form this page does not know: ${z.prettifyError(read.error)}`, []);
}

async function request(path: string, options: RequestInit): Promise<Response> {
  const headers = new Headers(options.headers);
  const key = apiKey();
  if (key !== '') headers.set('authorization', `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The service does not answer. Is it still running?', []);
  }
  if (response.ok) return response;
  const read = problem.safeParse(await response.json().catch(() => ({})));
  const { title, detail, errors } = read.success ? read.data : {};
  throw new ApiError(response.status, detail ?? title ?? `The service answered ${response.status}.`, errors ?? []);
}

/** @throws ApiError, or an AbortError when a newer request took its place */
export async function get<T extends z.ZodMiniType>(
  schema: T,
  path: string,
  parameters: Parameters = {},
  signal?: AbortSignal,
): Promise<{ data: z.infer<T>; times: readonly Timing[]; etag: string | null }> {
  const response = await request(withParameters(path, parameters), signal === undefined ? {} : { signal });
  return {
    data: parse(schema, await response.json()),
    times: timings(response.headers.get('server-timing')),
    etag: response.headers.get('etag'),
  };
}

export async function send<T extends z.ZodMiniType>(
  schema: T,
  method: 'POST' | 'PUT',
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<z.infer<T>> {
  const response = await request(path, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return parse(schema, await response.json());
}
