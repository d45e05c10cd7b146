import type { z } from 'zod';
import type { FieldIssue } from '../domain/errors.ts';
import { knownKeys } from './knownKeys.ts';
import { suggestion } from './nearest.ts';

/** Where a value, or the key of a mapping, stands in the file: 1-based. */
export type Locate = (path: readonly PropertyKey[], key?: string) => { line: number; column: number } | undefined;

/** zod's findings in a person's words: each with its path, its place in the file, and what was expected. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], locate: Locate): FieldIssue[] {
  return issues.flatMap((issue) => describe(issue, [], locate)).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function describe(issue: z.core.$ZodIssue, parent: readonly PropertyKey[], locate: Locate): FieldIssue[] {
  const path = [...parent, ...issue.path];
  const at = (message: string, steps = path, key?: string): FieldIssue => ({
    path: steps.map(String).join('.'),
    message,
    ...locate(key === undefined ? steps : steps.slice(0, -1), key),
  });
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(path);
      return issue.keys.map((key) => {
        const hint = suggestion(key, known) || `, expected one of ${known.join(', ')}`;
        return at(`unknown key "${key}"${hint}`, [...path, key], key);
      });
    }
    case 'invalid_key':
      return [at(issue.issues.map((inner) => inner.message).join('; '), path, String(path.at(-1)))];
    case 'invalid_type':
      return [
        issue.input === undefined && issue.message.endsWith('received undefined')
          ? at(`is missing, expected ${article(issue.expected)}`)
          : at(lowerFirst(issue.message.replace(/^Invalid input: /, ''))),
      ];
    case 'invalid_union': {
      if (issue.errors.length === 0) return [at(lowerFirst(issue.message).replace('invalid discriminator value. E', 'e'))];
      const nearestBranch = deepest(issue.errors);
      return nearestBranch === undefined
        ? [
            at(
              issue.errors
                .map((branch) => branch.map((inner) => inner.message.replace(/^Invalid input: /, '')).join(', '))
                .join(' or '),
            ),
          ]
        : nearestBranch.flatMap((inner) => describe(inner, path, locate));
    }
    default:
      return [at(lowerFirst(issue.message))];
  }
}

/** Of a union's branches the one that was meant: where the value has the branch's type, its complaints lie inside it. */
function deepest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return branches.find((branch) => branch.every((issue) => issue.path.length > 0 || issue.code !== 'invalid_type'));
}

function article(type: string): string {
  if (type === 'object' || type === 'record') return 'a mapping';
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
