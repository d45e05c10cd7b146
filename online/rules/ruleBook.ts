import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../../src/domain/clock.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { ExpressionEnvironment } from '../../src/filters/expression.ts';
import { type PolicySet, parsePolicies } from '../../src/filters/policies.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
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

/** A version that serves, or served. */
export interface Published extends ParsedGovernance {
  readonly version: number;
  /** Quoted, as HTTP has it. */
  readonly etag: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
}

export interface VersionInfo {
  readonly version: number;
  readonly at: string;
  readonly by: string;
}

export interface Edit {
  /** ETag of the version the edit was made from; without one it replaces whatever is there. */
  readonly ifMatch?: string;
  readonly by: string;
}

export interface RuleBook {
  current(): Published;
  /** @throws UserError: 400 naming every error of the set, 412 where another edit came first */
  put(source: GovernanceSource, edit: Edit): Promise<Published>;
  /** Every version that is kept, newest first. */
  versions(): Promise<readonly VersionInfo[]>;
  /** Publishes an earlier version again, as a new one; the one before the current when none is named. */
  rollback(version: number | undefined, edit: Edit): Promise<Published>;
  /** Looks for a new version at once. */
  refresh(): Promise<void>;
  /** Looks every second, until the signal aborts: all processes on one store have a change within two. */
  run(signal: AbortSignal, onError?: (error: unknown) => void): Promise<void>;
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

const HEAD = 'rules';
const archive = (version: number): string => `rules:${version}`;
const POLL_MS = 1_000;
const KEPT_VERSIONS = 100;

const jsonSchema: z.ZodType<JsonValue> = z.json();

const recordSchema = z.strictObject({
  version: z.number().int(),
  at: z.string(),
  by: z.string(),
  /** Hash of the files it came from, or that were there when it was put. */
  files: z.string(),
  rules: jsonSchema,
  policies: jsonSchema,
});
type Record = z.infer<typeof recordSchema>;

export interface RuleBookOptions {
  readonly store: FeatureStore;
  readonly clock: Clock;
  readonly environment: ExpressionEnvironment;
  /** Paths of the YAML files; they are the first version, and a new one whenever they were edited before a start. */
  readonly files: { readonly policies?: string; readonly rules?: string };
}

/** @throws UserError where the files or what is stored cannot be taken: nothing serves without its policies */
export async function createRuleBook({ store, clock, environment, files }: RuleBookOptions): Promise<RuleBook> {
  const published = (record: Record): Published => ({
    ...parseGovernance({ rules: record.rules, policies: record.policies }, environment),
    version: record.version,
    etag: `"${record.version}"`,
    at: record.at,
    by: record.by,
  });

  const readHead = async (): Promise<Record | undefined> => {
    const stored = await store.getMeta(HEAD);
    if (stored === undefined) return undefined;
    const parsed = recordSchema.safeParse(stored);
    if (!parsed.success) throw new UserError('stored rules: not what this version of Winnow writes');
    return parsed.data;
  };

  /** The version before is kept before the head moves, so that no version is lost at any moment. */
  const write = async (before: Record | undefined, next: Record): Promise<boolean> => {
    if (before) await keep(before);
    return store.setMeta(HEAD, next, before);
  };
  const keep = async (record: Record): Promise<void> => {
    const known = await store.getMeta(archive(record.version));
    if (!isDeepStrictEqual(known, record)) await store.setMeta(archive(record.version), record, known);
  };

  const start = async (): Promise<Published> => {
    const source = { rules: await readYaml(files.rules), policies: await readYaml(files.policies) };
    parseGovernance(source, environment);
    const hash = createHash('sha256').update(JSON.stringify(source)).digest('hex');
    for (;;) {
      const head = await readHead();
      if (head && head.files === hash) return published(head);
      const next = {
        version: (head?.version ?? 0) + 1,
        at: new Date(clock()).toISOString(),
        by: 'files',
        files: hash,
        ...source,
      };
      if (await write(head, next)) return published(next);
    }
  };

  let current = await start();

  const put = async (source: GovernanceSource, { ifMatch, by }: Edit): Promise<Published> => {
    parseGovernance(source, environment);
    for (;;) {
      const head = await readHead();
      if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== `"${head?.version ?? 0}"`) throw conflict(head?.version ?? 0);
      const at = new Date(clock()).toISOString();
      const next = {
        version: (head?.version ?? 0) + 1,
        at,
        by,
        files: head?.files ?? '',
        rules: source.rules,
        policies: source.policies,
      };
      if (await write(head, next)) {
        current = published(next);
        return current;
      }
    }
  };

  const find = async (version: number): Promise<Record> => {
    const parsed = recordSchema.safeParse(await store.getMeta(archive(version)));
    if (!parsed.success) throw new UserError(`rules: there is no version ${version}`, { status: 404 });
    return parsed.data;
  };

  const refresh = async (): Promise<void> => {
    const head = await readHead();
    if (head && head.version !== current.version) current = published(head);
  };

  return {
    current: () => current,
    put,
    async versions() {
      const found: VersionInfo[] = [];
      const head = await readHead();
      if (head) found.push(infoOf(head));
      for (let version = (head?.version ?? 0) - 1; version > 0 && found.length < KEPT_VERSIONS; version--) {
        const parsed = recordSchema.safeParse(await store.getMeta(archive(version)));
        if (parsed.success) found.push(infoOf(parsed.data));
      }
      return found;
    },
    async rollback(version, edit) {
      const head = await readHead();
      const { rules, policies } = await find(version ?? (head?.version ?? 1) - 1);
      return put({ rules, policies }, edit);
    },
    refresh,
    async run(signal, onError) {
      while (!signal.aborted) {
        await refresh().catch((error: unknown) => onError?.(error));
        await pause(POLL_MS, signal);
      }
    },
  };
}

const infoOf = ({ version, at, by }: Record): VersionInfo => ({ version, at, by });

function conflict(version: number): UserError {
  const message = `someone else published version ${version} meanwhile: read it, then try again`;
  return new UserError(`rules: ${message}`, { status: 412, issues: [{ path: 'If-Match', message }] });
}

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

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
