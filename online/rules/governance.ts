import { readFile } from 'node:fs/promises';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { ExpressionEnvironment } from '../../src/filters/expression.ts';
import { type PolicySet, parsePolicies } from '../../src/filters/policies.ts';
import { parseRules, type RuleSet } from './parseRules.ts';

/** Rules and policies as they are written: lists, as YAML or JSON has them. */
export interface GovernanceSource {
  readonly rules: JsonValue;
  readonly policies: JsonValue;
}

export interface ParsedGovernance {
  readonly source: GovernanceSource;
  readonly rules: RuleSet;
  readonly policies: PolicySet;
}

/** @throws UserError naming every error of both lists */
export function parseGovernance(source: GovernanceSource, environment: ExpressionEnvironment): ParsedGovernance {
  const errors: UserError[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const policies = attempt(() => parsePolicies(source.policies, environment));
  const rules = attempt(() => parseRules(source.rules, environment));
  if (policies && rules) {
    const taken = new Set(policies.source.map(({ id }) => id));
    const twice = rules.source.find(({ id }) => taken.has(id));
    if (!twice) return { source, rules, policies };
    const message = `"${twice.id}" is the id of a policy too`;
    throw new UserError(`rules: ${message}`, { issues: [{ path: 'rules', message }] });
  }
  throw new UserError(errors.map((error) => error.message).join('; '), { issues: errors.flatMap((error) => error.issues) });
}

/** Paths of YAML files. */
export interface GovernanceFiles {
  readonly policies?: string;
  readonly rules?: string;
}

/** What the files hold; an absent one is an empty list. @throws UserError naming the file */
export const readGovernance = async (files: GovernanceFiles): Promise<GovernanceSource> => ({
  rules: await readYaml(files.rules),
  policies: await readYaml(files.policies),
});

const jsonSchema: z.ZodType<JsonValue> = z.json();

async function readYaml(path: string | undefined): Promise<JsonValue> {
  if (path === undefined) return [];
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path}: cannot be read`, { cause: error });
  }
  try {
    const value = jsonSchema.safeParse(parse(text) ?? []);
    if (value.success) return value.data;
  } catch (error) {
    if (error instanceof YAMLParseError) throw new UserError(`${path}: ${error.message.split('\n')[0]}`);
    throw error;
  }
  throw new UserError(`${path}: a list is expected`);
}
