import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { ENVIRONMENT_VARIABLES } from './environment.ts';
import { configKeys } from './reference.ts';

describe('docs/configuration.md', () => {
  let text = '';
  beforeAll(async () => {
    text = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  });

  it('has every key with its default, and no other', () => {
    const rows = [...text.matchAll(/^\| `([^`]+)` \| (required|–|`.*?`) \| /gm)].map(
      (match) => `${match[1]}: ${match[2]?.replaceAll('\\|', '|')}`,
    );
    const keys = configKeys().map((key) => {
      const standard = key.default === undefined ? '–' : `\`${key.default}\``;
      return `${key.path}: ${key.required ? 'required' : standard}`;
    });
    expect(rows.sort()).toEqual(keys.sort());
  });

  it('has every variable of the environment', () => {
    for (const name of ENVIRONMENT_VARIABLES) expect(text).toContain(`\`${name}\``);
  });
});
