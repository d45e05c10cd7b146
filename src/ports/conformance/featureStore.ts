import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../domain/json.ts';
import { type EntityKey, type EntityState, entityKey } from '../../domain/state.ts';
import type { FeatureStore, StoreCommit } from '../featureStore.ts';

export interface FeatureStoreSubject {
  readonly store: FeatureStore;
  /** As another process would open it; the same again where that is not possible. */
  readonly other: FeatureStore;
  close(): Promise<void>;
}

/** What every feature store must do. `open` gives an empty one. */
export function featureStoreConformance(name: string, open: () => Promise<FeatureStoreSubject>): void {
  describe(`feature store: ${name}`, { timeout: 20_000 }, () => {
    let subject: FeatureStoreSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.close();
    });

    const commit = (nextOffset: number, puts: Iterable<[EntityKey, EntityState]>, rest: Partial<StoreCommit> = {}) =>
      subject.store.commit({ consumer: 'c', partition: 0, nextOffset, puts: new Map(puts), ...rest });

    const alice = entityKey('user', 'alice');
    const state = (n: number): EntityState => ({ features: { n } });

    test('knows nothing at first', async () => {
      expect(await subject.store.getMany([alice, 'item:x'])).toEqual([undefined, undefined]);
      expect(await subject.store.getMany([])).toEqual([]);
      expect(await subject.store.watermark('c', 0)).toBe(0);
      expect(await subject.store.getMeta('featureTime')).toBeUndefined();
    });

    test('gives states back in the order of the keys, to other processes too', async () => {
      const full: EntityState = {
        fields: { title: 'Ünïcode "quoted" 💡', year: 1999.5, flag: false, genres: ['a', 'b'] },
        features: { list: [1, 2.25, -1e300], nested: { a: { b: [null, true, 'x'] } }, empty: {}, none: [] },
      };
      expect(
        await commit(
          1,
          [
            [alice, full],
            ['item:1', state(1)],
            ['session:1', state(2)],
          ],
          { meta: { featureTime: 5 } },
        ),
      ).toBe(true);
      for (const store of [subject.store, subject.other]) {
        expect(await store.getMany(['session:1', 'item:unknown', alice, 'item:1', alice])).toEqual([
          state(2),
          undefined,
          full,
          state(1),
          full,
        ]);
        expect(await store.getMeta('featureTime')).toBe(5);
        expect(await store.watermark('c', 0)).toBe(1);
      }
    });

    test('any id is a key of its own', async () => {
      const ids = ['', ':', 'a:b', 'a\0b', 'a', 'x'.repeat(10_000), `${'x'.repeat(9_999)}y`, '💡', '{tag}', '*', 'a b\n'];
      await commit(
        1,
        ids.map((id, i): [EntityKey, EntityState] => [entityKey('item', id), state(i)]),
      );
      expect(await subject.other.getMany(ids.map((id) => entityKey('item', id)))).toEqual(ids.map((_, i) => state(i)));
      expect(await subject.store.getMany(ids.map((id) => entityKey('user', id)))).toEqual(ids.map(() => undefined));
      const scanned: EntityKey[] = [];
      for await (const [key] of subject.store.scan('item')) scanned.push(key);
      expect(scanned.sort()).toEqual(ids.map((id) => entityKey('item', id)).sort());
    });

    test('any state comes back as it was', async () => {
      let offset = 0;
      const json = fc.jsonValue({ maxDepth: 2, depthSize: 'small' }).map((value): JsonValue => JSON.parse(JSON.stringify(value)));
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fc.string({ unit: 'binary', maxLength: 20 }), json, { maxKeys: 8 }), async (features) => {
          const text = JSON.stringify(features);
          // No state has a key of this name: serialisers rename it, so that it cannot become a prototype.
          fc.pre(!text.includes('__proto__'));
          const clean: Record<string, JsonValue> = JSON.parse(text);
          await commit(++offset, [[alice, { features: clean }]]);
          expect((await subject.store.getMany([alice]))[0]?.features).toEqual(clean);
        }),
        { numRuns: 30 },
      );
    });

    test('a batch that comes again changes nothing', async () => {
      expect(await commit(10, [[alice, state(1)]], { meta: { m: 1 } })).toBe(true);
      expect(await commit(10, [[alice, state(2)]], { meta: { m: 2 }, deletes: ['item:1'] })).toBe(false);
      expect(await commit(7, [[alice, state(3)]])).toBe(false);
      expect(await subject.store.getMany([alice])).toEqual([state(1)]);
      expect(await subject.store.getMeta('m')).toBe(1);
      expect(await commit(3, [[alice, state(4)]], { partition: 1 })).toBe(true);
      expect(await commit(3, [[alice, state(5)]], { consumer: 'd' })).toBe(true);
      expect(await subject.store.watermark('c', 0)).toBe(10);
      expect(await subject.store.watermark('c', 1)).toBe(3);
    });

    test('a commit worked out on states that have changed since is refused', async () => {
      const { store, other } = subject;
      const before = await store.sequence();
      expect(await commit(5, [[alice, state(1)]], { expected: before })).toBe(true);
      expect(await other.sequence()).not.toBe(before);
      expect(await commit(9, [[alice, state(2)]], { expected: before })).toBe(false);
      expect(await commit(9, [[alice, state(2)]], { expected: before, consumer: 'd' })).toBe(false);
      expect(await store.watermark('d', 0)).toBe(0);
      expect(await commit(9, [[alice, state(3)]], { expected: await store.sequence() })).toBe(true);
      expect(await store.getMany([alice])).toEqual([state(3)]);
    });

    test('of two that commit the same place at once, one wins, whole', async () => {
      for (let round = 0; round < 10; round++) {
        const keys = Array.from({ length: 30 }, (_, i) => entityKey('item', `${i}`));
        const attempt = (store: FeatureStore, n: number) =>
          store.commit({ consumer: 'c', partition: 0, nextOffset: round + 1, puts: new Map(keys.map((key) => [key, state(n)])) });
        const applied = await Promise.all([attempt(subject.store, round * 2), attempt(subject.other, round * 2 + 1)]);
        expect(applied.filter(Boolean)).toHaveLength(1);
        const winner = state(round * 2 + (applied[0] ? 0 : 1));
        expect(await subject.store.getMany(keys)).toEqual(keys.map(() => winner));
      }
    });

    test('deletes, and scans what is left', async () => {
      await commit(1, [
        [alice, state(1)],
        ['user:bob', state(2)],
        ['item:bob', state(3)],
      ]);
      await commit(2, [['user:carol', state(4)]], { deletes: [alice, 'user:nobody'] });
      const scanned = new Map<EntityKey, EntityState>();
      for await (const [key, found] of subject.other.scan('user')) scanned.set(key, found);
      expect(scanned).toEqual(
        new Map([
          ['user:bob', state(2)],
          ['user:carol', state(4)],
        ]),
      );
      expect(await subject.store.getMany([alice])).toEqual([undefined]);
    });

    test('named values change only from what was expected', async () => {
      const { store, other } = subject;
      expect(await store.setMeta('rules', { version: 1 })).toBe(true);
      expect(await other.setMeta('rules', { version: 2 })).toBe(false);
      expect(await other.setMeta('rules', { version: 2 }, { version: 7 })).toBe(false);
      expect(await other.setMeta('rules', { version: 2, list: [1] }, { version: 1 })).toBe(true);
      const attempts = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? store : other).setMeta('rules', { version: 3 + i }, { list: [1], version: 2 }),
        ),
      );
      expect(attempts.filter(Boolean)).toHaveLength(1);
      expect(await store.getMeta('rules')).toEqual({ version: 3 + attempts.indexOf(true) });
    });
  });
}
