import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseRules } from '../../online/rules/parseRules.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { parsePolicies } from '../../src/filters/policies.ts';

const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');

describe("the demo's settings", () => {
  it('have policies and rules that fit its fields', async () => {
    const { fields, userFields } = parseConfig(await read('winnow.yaml'), 'winnow.yaml');
    const environment = { fields, userFields };
    const rules: unknown = parse(await read('rules.yaml'));
    expect(parsePolicies(parse(await read('policies.yaml')), environment).constraints.map(({ id }) => id)).toEqual([
      'under-thirteen',
    ]);
    expect(() => parseRules(rules, environment)).not.toThrow();
  });
});
