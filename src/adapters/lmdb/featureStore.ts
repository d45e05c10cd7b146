import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JsonValue } from '../../domain/json.ts';
import type { EntityKey, EntityState } from '../../domain/state.ts';
import type { FeatureStore, StoreCommit } from '../../ports/featureStore.ts';
import { DEFAULT_MIN_FREE_BYTES, type LmdbOptions, openEnvironment, SpaceGuard, settled, writeFailure } from './environment.ts';

/** A key as it is stored where LMDB cannot take it: the entity's own key stands beside its state. */
interface LongEntity {
  readonly key: EntityKey;
  readonly state: EntityState;
}

/** MessagePack without its record extension: states are maps with keys that differ from one to the next. */
const PLAIN_MAPS = { encoding: 'msgpack', useRecords: false } as const;

/** Longer keys (in UTF-16 units, at most 3 bytes each) would not fit LMDB's 1978 bytes. */
const MAX_KEY_LENGTH = 600;

/**
 * The embedded store. Any number of processes may read; writes from several are safe, as a commit is one transaction that is
 * conditional on no other having come between. A commit has reached the disk when it resolves.
 */
export async function openLmdbFeatureStore(folder: string, options: LmdbOptions = {}): Promise<FeatureStore> {
  const environment = await openEnvironment(folder, (root) => ({
    entities: root.openDB<EntityState, string>({ ...PLAIN_MAPS, name: 'entities' }),
    longEntities: root.openDB<LongEntity, string>({ ...PLAIN_MAPS, name: 'longEntities' }),
    marks: root.openDB<JsonValue, string>({ name: 'marks', encoding: 'json', useVersions: true }),
  }));
  const { entities, longEntities, marks } = environment.databases;
  const space = new SpaceGuard(folder, options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES);

  const get = (key: EntityKey): EntityState | undefined =>
    fits(key) ? entities.get(key) : longEntities.get(longKey(key))?.state;

  const watermark = (consumer: string, partition: number): number => Number(marks.get(watermarkKey(consumer, partition)) ?? 0);

  const write = async (mark: string, version: number | undefined, change: () => void): Promise<boolean> => {
    try {
      return await environment.commit(() =>
        version === undefined ? marks.ifNoExists(mark, change) : marks.ifVersion(mark, version, change),
      );
    } catch (error) {
      throw await writeFailure(folder, error);
    }
  };

  return {
    async getMany(keys) {
      return keys.map(get);
    },

    async commit(commit) {
      await space.check();
      for (;;) {
        environment.refresh();
        const before = marks.getEntry(SEQUENCE);
        if (commit.expected !== undefined && commit.expected !== Number(before?.value ?? 0)) return false;
        if (commit.nextOffset <= watermark(commit.consumer, commit.partition)) return false;
        const applied = await write(SEQUENCE, before?.version, () => {
          settled(marks.put(SEQUENCE, Number(before?.value ?? 0) + 1, (before?.version ?? 0) + 1));
          settled(marks.put(watermarkKey(commit.consumer, commit.partition), commit.nextOffset, 1));
          apply(commit);
        });
        if (applied) return true;
      }
    },

    async sequence() {
      environment.refresh();
      return Number(marks.get(SEQUENCE) ?? 0);
    },

    async watermark(consumer, partition) {
      environment.refresh();
      return watermark(consumer, partition);
    },

    async getMeta(name) {
      environment.refresh();
      return marks.get(metaKey(name));
    },

    async setMeta(name, value, expected) {
      await space.check();
      environment.refresh();
      const entry = marks.getEntry(metaKey(name));
      if (!isDeepStrictEqual(entry?.value, expected)) return false;
      return write(metaKey(name), entry?.version, () => {
        settled(marks.put(metaKey(name), value, (entry?.version ?? 0) + 1));
      });
    },

    async *scan(kind) {
      const range = { start: `${kind}:`, end: `${kind};`, snapshot: false };
      for (const { key, value } of entities.getRange(range)) {
        if (isEntityKey(key)) yield [key, value] as const;
      }
      for (const { value } of longEntities.getRange(range)) yield [value.key, value.state] as const;
    },

    async close() {
      await environment.close();
    },
  };

  function apply(commit: StoreCommit): void {
    for (const [key, state] of commit.puts) {
      if (fits(key)) settled(entities.put(key, state));
      else settled(longEntities.put(longKey(key), { key, state }));
    }
    for (const key of commit.deletes ?? []) {
      if (fits(key)) settled(entities.remove(key));
      else settled(longEntities.remove(longKey(key)));
    }
    for (const [name, value] of Object.entries(commit.meta ?? {})) {
      settled(marks.put(metaKey(name), value, (marks.getEntry(metaKey(name))?.version ?? 0) + 1));
    }
  }
}

const SEQUENCE = 'sequence';
const watermarkKey = (consumer: string, partition: number): string => `watermark/${consumer}/${partition}`;
const metaKey = (name: string): string => `meta/${name}`;

const fits = (key: string): boolean => key.length <= MAX_KEY_LENGTH && !key.includes('\0');
const isEntityKey = (key: string): key is EntityKey => /^(?:user|session|item):/.test(key);

/** Keeps the kind in front, so that a scan by kind finds it. */
function longKey(key: string): string {
  const kind = key.slice(0, key.indexOf(':'));
  return `${kind}:${createHash('sha256').update(key).digest('hex')}`;
}
