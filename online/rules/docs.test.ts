import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fieldDefinitionSchema } from '../../src/config/schema.ts';
import type { FieldValue } from '../../src/domain/item.ts';
import type { RankedCandidate } from '../../src/domain/pipeline.ts';
import { parsePolicies } from '../../src/filters/policies.ts';
import { applyRules } from './applyRules.ts';
import { parseRules } from './parseRules.ts';
import { candidate, idsOf } from './testing.ts';

const text = readFileSync(new URL('../../docs/rules.md', import.meta.url), 'utf8');
const types = { brand: 'category', kind: 'category', price: 'number', released: 'date', stock: 'number' };
const more = { adult: 'boolean', licensedUntil: 'date', regions: 'categories' };
const define = (names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(names).map(([name, type]) => [name, fieldDefinitionSchema.parse({ type })]));
const environment = { fields: define({ ...types, ...more }), userFields: define({ age: 'number' }) };

const field = (name: string, cell: string): FieldValue =>
  name === 'released' ? Date.parse(cell) : name === 'price' || name === 'stock' ? Number(cell) : cell;

/** The list that the examples start from, as the table has it. */
function listOfTable(): RankedCandidate[] {
  const table = text.slice(text.indexOf('## Ten examples')).match(/\| id \|[\s\S]*?\n\n/)?.[0] ?? '';
  const [head = [], , ...rows] = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return rows.map((cells) => {
    const row = new Map(head.map((name, i) => [name, cells[i] ?? '']));
    const fields = Object.keys(types)
      .filter((name) => row.get(name) !== '')
      .map((name) => [name, field(name, row.get(name) ?? '')] as const);
    return candidate(row.get('id') ?? '', Number(row.get('score')), Object.fromEntries(fields), row.get('source'));
  });
}

const examples = [...text.matchAll(/### (\d+\. .*)\n\n```yaml\n([\s\S]*?)```\n\nThe list becomes: `([^`]*)`/g)].map(
  ([, title = '', yaml = '', becomes = '']) => ({ title, yaml, becomes }),
);

describe('docs/rules.md', () => {
  it('has ten examples and a list of eight', () => {
    expect(examples).toHaveLength(10);
    expect(listOfTable()).toHaveLength(8);
  });

  it.each(examples)('example $title', ({ yaml, becomes }) => {
    const { kept } = applyRules(parseRules(parse(yaml), environment), listOfTable(), {
      bindings: {
        user: { age: 30 },
        request: { route: 'recommend', scenario: 'home', context: {} },
        now: Date.parse('2026-11-23'),
      },
      limit: 4,
    });
    expect(idsOf(kept).join(' ')).toBe(becomes);
  });

  it('its policies are accepted as they stand', () => {
    const yaml = text.match(/```yaml\n(# policies\.yaml[\s\S]*?)```/)?.[1] ?? '';
    expect(parsePolicies(parse(yaml), environment).constraints.map(({ id }) => id)).toEqual(['adults', 'licence', 'region']);
  });
});
