import type { z } from 'zod';
import { type FieldIssue, UserError } from '../../src/domain/errors.ts';

/** @throws UserError with one issue for each wrong field, an unknown one included */
export function validate<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => describe(issue));
  throw new UserError(summary(what, issues), { issues });
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
