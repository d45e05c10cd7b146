import { describe, expect, it } from 'vitest';
import { UserError } from '../domain/errors.ts';
import { checkItem } from './check.ts';
import { parsePolicies, policyConstraints } from './policies.ts';
import { environment, scope } from './testing.ts';

const heavyMetal = { id: 'under-seven-no-heavy-metal', when: 'user.age < 7', deny: '"heavy metal" in item.genres' };

const kept = (policies: unknown, user: Record<string, number>, fields: Record<string, string[]>): boolean => {
  const constraints = policyConstraints(parsePolicies(policies, environment));
  return checkItem({ constraints, bindings: { ...scope, user }, excluded: new Set() }, { id: 'i', fields }).kept;
};

describe('policies', () => {
  it('remove what they deny to those they are about, and fail closed on anything unknown', () => {
    const metal = { genres: ['heavy metal'] };
    const jazz = { genres: ['jazz'] };
    expect(kept([heavyMetal], { age: 30 }, metal)).toBe(true);
    expect(kept([heavyMetal], { age: 6 }, metal)).toBe(false);
    expect(kept([heavyMetal], { age: 6 }, jazz)).toBe(true);
    expect(kept([heavyMetal], {}, metal)).toBe(false);
    expect(kept([heavyMetal], {}, jazz)).toBe(true);
    expect(kept([heavyMetal], { age: 6 }, {})).toBe(false);
    expect(kept([heavyMetal], { age: 30 }, {})).toBe(true);
    expect(kept([heavyMetal], {}, {})).toBe(false);
  });

  it('fail closed, has() included, where the user could not be looked up', () => {
    const source = [{ id: 'p', when: 'has(user.age) && user.age < 7', deny: '"metal" in item.genres' }];
    const { constraints } = parsePolicies(source, environment);
    const check = (more: object) =>
      checkItem(
        { constraints, bindings: { ...scope, user: { id: 'u' }, ...more }, excluded: new Set() },
        { id: 'i', fields: { genres: ['metal'] } },
      );
    expect(check({}).kept).toBe(true);
    expect(check({ userUnknown: true }).kept).toBe(false);
  });

  it('name the policy and what it came to', () => {
    const constraints = policyConstraints(parsePolicies([heavyMetal], environment));
    const verdict = checkItem({ constraints, bindings: { ...scope, user: {} }, excluded: new Set() }, { id: 'i', fields: {} });
    expect(verdict).toMatchObject({ kept: false, reason: heavyMetal.id });
    expect(verdict.kept ? '' : verdict.detail).toContain('cannot be evaluated');
  });

  it('an empty file is an empty set', () => {
    expect(parsePolicies(null, environment).constraints).toEqual([]);
    expect(parsePolicies(undefined, environment).constraints).toEqual([]);
  });

  it('refuses the whole set and names every error', () => {
    const bad = [
      heavyMetal,
      { id: 'a', when: 'user.height > 3', deny: 'item.colour == "x"' },
      { id: 'a', deny: 'true' },
      { deny: 'true' },
      { id: 'filter', deny: 'true' },
      { id: 'b', deny: 'true', unless: 'false' },
      'text',
    ];
    let error: unknown;
    try {
      parsePolicies(bad, environment);
    } catch (caught) {
      error = caught;
    }
    if (!(error instanceof UserError)) throw new Error('accepted');
    const paths = error.issues.map((issue) => issue.path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'policies[1].when',
        'policies[1].deny',
        'policies[2].id',
        'policies[3].id',
        'policies[4].id',
        'policies[5]',
        'policies[6]',
      ]),
    );
    expect(() => parsePolicies({ id: 'a' }, environment)).toThrow(/a list is expected/);
  });
});
