import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';

const HEAD = 'rules';
const archive = (version: number): string => `rules:${version}`;
const KEPT_VERSIONS = 100;

const jsonSchema: z.ZodType<JsonValue> = z.json();

const versionSchema = z.strictObject({
  version: z.number().int(),
  at: z.string(),
  by: z.string(),
  /** Hash of the files it came from, or that were there when it was put. */
  files: z.string(),
  rules: jsonSchema,
  policies: jsonSchema,
});

/** One version of rules and policies as the store keeps it. */
export type RuleVersion = z.infer<typeof versionSchema>;

/** The versions in the store: the one in force, and those before it. */
export interface RuleVersions {
  /** @throws UserError where what is stored is foreign */
  head(): Promise<RuleVersion | undefined>;
  /** Makes a version the one in force, unless another than `before` is by now. @returns whether it did */
  advance(before: RuleVersion | undefined, next: RuleVersion): Promise<boolean>;
  /** @throws UserError (404) */
  find(version: number): Promise<RuleVersion>;
  /** Newest first. */
  list(): Promise<readonly RuleVersion[]>;
}

export function createRuleVersions(store: FeatureStore): RuleVersions {
  const head = async (): Promise<RuleVersion | undefined> => {
    const stored = await store.getMeta(HEAD);
    if (stored === undefined) return undefined;
    const parsed = versionSchema.safeParse(stored);
    if (!parsed.success) throw new UserError('stored rules: not what this version of Winnow writes');
    return parsed.data;
  };
  const keep = async (version: RuleVersion): Promise<void> => {
    const known = await store.getMeta(archive(version.version));
    if (!isDeepStrictEqual(known, version)) await store.setMeta(archive(version.version), version, known);
  };
  return {
    head,
    async advance(before, next) {
      // The version before is kept before the head moves, so that no version is lost at any moment.
      if (before) await keep(before);
      return store.setMeta(HEAD, next, before);
    },
    async find(version) {
      const parsed = versionSchema.safeParse(await store.getMeta(archive(version)));
      if (!parsed.success) throw new UserError(`rules: there is no version ${version}`, { status: 404 });
      return parsed.data;
    },
    async list() {
      const newest = await head();
      const found = newest === undefined ? [] : [newest];
      for (let version = (newest?.version ?? 0) - 1; version > 0 && found.length < KEPT_VERSIONS; version--) {
        const parsed = versionSchema.safeParse(await store.getMeta(archive(version)));
        if (parsed.success) found.push(parsed.data);
      }
      return found;
    },
  };
}
