import { createHash } from 'node:crypto';
import type { Clock } from '../../src/domain/clock.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { ExpressionEnvironment } from '../../src/filters/expression.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { pause } from '../serving/pause.ts';
import {
  type GovernanceFiles,
  type GovernanceSource,
  type ParsedGovernance,
  parseGovernance,
  readGovernance,
} from './governance.ts';
import { createRuleVersions, type RuleVersion } from './ruleVersions.ts';

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
  /** Looks twice a second, until the signal aborts: all processes on one store have a change within two. */
  run(signal: AbortSignal, onError?: (error: unknown) => void): Promise<void>;
}

const POLL_MS = 500;

export interface RuleBookOptions {
  readonly store: FeatureStore;
  readonly clock: Clock;
  readonly environment: ExpressionEnvironment;
  /** They are the first version, and a new one whenever they were edited before a start. */
  readonly files: GovernanceFiles;
}

/** @throws UserError where the files or what is stored cannot be taken: nothing serves without its policies */
export async function createRuleBook({ store, clock, environment, files }: RuleBookOptions): Promise<RuleBook> {
  const versions = createRuleVersions(store);
  const published = ({ version, at, by, rules, policies }: RuleVersion): Published => ({
    ...parseGovernance({ rules, policies }, environment),
    version,
    etag: `"${version}"`,
    at,
    by,
  });
  const after = (head: RuleVersion | undefined, source: GovernanceSource, by: string, hash: string): RuleVersion => {
    const at = new Date(clock()).toISOString();
    return { version: (head?.version ?? 0) + 1, at, by, files: hash, rules: source.rules, policies: source.policies };
  };

  const start = async (): Promise<Published> => {
    const source = await readGovernance(files);
    parseGovernance(source, environment);
    const hash = createHash('sha256').update(JSON.stringify(source)).digest('hex');
    for (;;) {
      const head = await versions.head();
      if (head && head.files === hash) return published(head);
      const next = after(head, source, 'files', hash);
      if (await versions.advance(head, next)) return published(next);
    }
  };

  let current = await start();

  const put = async (source: GovernanceSource, { ifMatch, by }: Edit): Promise<Published> => {
    parseGovernance(source, environment);
    for (;;) {
      const head = await versions.head();
      if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== `"${head?.version ?? 0}"`) throw conflict(head?.version ?? 0);
      const next = after(head, source, by, head?.files ?? '');
      if (await versions.advance(head, next)) {
        current = published(next);
        return current;
      }
    }
  };

  const refresh = async (): Promise<void> => {
    const head = await versions.head();
    if (head && head.version !== current.version) current = published(head);
  };

  return {
    current: () => current,
    put,
    versions: async () => (await versions.list()).map(({ version, at, by }) => ({ version, at, by })),
    async rollback(version, edit) {
      const { rules, policies } = await versions.find(version ?? ((await versions.head())?.version ?? 1) - 1);
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

function conflict(version: number): UserError {
  const message = `someone else published version ${version} meanwhile: read it, then try again`;
  return new UserError(`rules: ${message}`, { status: 412, issues: [{ path: 'If-Match', message }] });
}
