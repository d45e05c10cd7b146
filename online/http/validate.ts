import type { z } from 'zod';
import { type FieldIssue, UserError } from '../../src/domain/errors.ts';

/** @throws UserError with one issue for each wrong field, an unknown one included */
export function validate<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => describe(issue));
  throw new UserError(summary(what, issues), { issues });
}

/** Escapes that are no UTF-8 would be read as other characters, and so as another id. @throws UserError naming the parameter */
export function requireReadableQuery(url: string): void {
  const start = url.indexOf('?');
  if (start < 0 || !url.includes('%', start)) return;
  for (const part of url.slice(start + 1).split('&')) {
    try {
      decodeURIComponent(part);
    } catch {
      const path = part.split('=', 1)[0] ?? '';
      const issues = [{ path, message: 'holds a percent sign that starts no valid escape' }];
      throw new UserError(summary('query', issues), { issues });
    }
  }
}

/** Query strings: a parameter given twice is an error rather than a guess. */
export function validateQuery<S extends z.ZodType>(schema: S, query: Readonly<Record<string, unknown>>): z.infer<S> {
  const repeated = Object.entries(query).filter(([, value]) => Array.isArray(value));
  if (repeated.length > 0) {
    const issues = repeated.map(([path]) => ({ path, message: 'given more than once' }));
    throw new UserError(summary('query', issues), { issues });
  }
  return validate(schema, { ...query }, 'query');
}

function describe(issue: z.core.$ZodIssue): FieldIssue[] {
  const at = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: at === '' ? key : `${at}.${key}`, message: 'is not known here' }));
  }
  return [{ path: at, message: issue.message }];
}

function summary(what: string, issues: readonly FieldIssue[]): string {
  const shown = issues.slice(0, 3).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = issues.length > 3 ? `, and ${issues.length - 3} more` : '';
  return `Invalid ${what}: ${shown.join('; ')}${more}`;
}
