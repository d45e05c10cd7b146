import { z } from 'zod';
import { type FieldIssue, UserError } from '../domain/errors.ts';
import type { Expression, ExpressionEnvironment } from './expression.ts';
import type { PolicyConstraint } from './itemFilter.ts';
import { parseExpression } from './parse.ts';

/** Words that removals use for other reasons than a policy or a rule. */
const RESERVED: ReadonlySet<string> = new Set(['seen', 'filter', 'unknown-item', 'below-cut']);

/** What policies and rules are known by in explanations. */
export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, 'an id is letters, digits, ".", "_", ":" and "-", at most 100 characters')
  .refine((id) => !RESERVED.has(id), 'this word is the name of another reason');

const policySchema = z.strictObject({
  id: idSchema,
  /** Whom the policy is about; everyone when absent. */
  when: z.string().optional(),
  deny: z.string(),
});

export type PolicySource = z.infer<typeof policySchema>;

/** Hard filters, as they were written and parsed. */
export interface PolicySet {
  readonly source: readonly PolicySource[];
  readonly constraints: readonly PolicyConstraint[];
}

export const policyConstraints = (set: PolicySet): readonly PolicyConstraint[] => set.constraints;

const MOST_POLICIES = 500;

/**
 * Reads a list of policies: `{ id, when?, deny }` each.
 * @param value what a YAML file or a request held; nothing at all is an empty list
 * @throws UserError naming everything that is wrong with the set, by path; none of it is taken then
 */
export function parsePolicies(value: unknown, environment: ExpressionEnvironment, path = 'policies'): PolicySet {
  const issues: FieldIssue[] = [];
  const entries = parseList(value ?? [], policySchema, MOST_POLICIES, path, issues);
  const constraints = entries.flatMap(({ entry: { id, when, deny }, place }): PolicyConstraint[] => {
    const parsedWhen = when === undefined ? undefined : tryParse(when, environment, `${place}.when`, issues);
    const parsedDeny = tryParse(deny, environment, `${place}.deny`, issues);
    if (!parsedDeny || (when !== undefined && !parsedWhen)) return [];
    return [{ kind: 'policy', id, ...(parsedWhen ? { when: parsedWhen } : {}), deny: parsedDeny }];
  });
  refuse(issues);
  return { source: entries.map(({ entry }) => entry), constraints };
}

/** The entries of a list that are sound in form, each with its path; what is wrong with the others is noted. Ids must differ. */
export function parseList<T extends { readonly id: string }>(
  value: unknown,
  schema: z.ZodType<T>,
  most: number,
  path: string,
  issues: FieldIssue[],
): { readonly entry: T; readonly place: string }[] {
  if (!Array.isArray(value)) {
    issues.push({ path, message: 'a list is expected' });
    return [];
  }
  if (value.length > most) issues.push({ path, message: `at most ${most} entries are possible, ${value.length} are there` });
  const ids = new Map<string, number>();
  return value.slice(0, most).flatMap((entry: unknown, i) => {
    const parsed = schema.safeParse(entry);
    if (!parsed.success) {
      for (const { path: inner, message } of parsed.error.issues) issues.push({ path: pathOf(`${path}[${i}]`, inner), message });
      return [];
    }
    const first = ids.get(parsed.data.id);
    if (first !== undefined)
      issues.push({ path: `${path}[${i}].id`, message: `"${parsed.data.id}" is the id of entry ${first} too` });
    else ids.set(parsed.data.id, i);
    return [{ entry: parsed.data, place: `${path}[${i}]` }];
  });
}

const pathOf = (start: string, inner: readonly PropertyKey[]): string =>
  inner.reduce<string>((path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}.${String(key)}`), start);

/** The expression, or, with its error noted, nothing. */
export function tryParse(
  source: string,
  environment: ExpressionEnvironment,
  path: string,
  issues: FieldIssue[],
): Expression | undefined {
  try {
    return parseExpression(source, environment, path);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    issues.push(...error.issues);
    return undefined;
  }
}

/** @throws UserError naming all issues, if there are any */
export function refuse(issues: readonly FieldIssue[]): void {
  if (issues.length === 0) return;
  const place = (issue: FieldIssue): string => (issue.line === undefined ? '' : ` (line ${issue.line}, column ${issue.column})`);
  const shown = issues.slice(0, 10).map((issue) => `${issue.path}: ${issue.message}${place(issue)}`);
  const more = issues.length > shown.length ? `; and ${issues.length - shown.length} more` : '';
  throw new UserError(`${shown.join('; ')}${more}`, { issues });
}
