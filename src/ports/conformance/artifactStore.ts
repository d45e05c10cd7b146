import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MANIFEST_FORMAT } from '../../artifacts/manifest.ts';
import type { ArtifactStore, ManifestDraft } from '../artifactStore.ts';

const draft: ManifestDraft = {
  format: MANIFEST_FORMAT,
  inputs: { retrieval: 'r1', ranker: null, searchRanker: null },
  parent: null,
  counts: { items: 1, users: 0, actions: 0 },
  fieldsHash: 'f',
  featuresHash: 'g',
  embedder: null,
  textEncoder: null,
  index: null,
  ranker: null,
  searchRanker: null,
  positions: { 'enriched-events': { '0': 3 }, catalogue: {} },
  metrics: {},
  backend: 'wasm',
  seed: 1,
};

const write = (content: string) => async (folder: string) => {
  await writeFile(join(folder, 'vectors.bin'), content);
  return draft;
};

/** What every ArtifactStore keeps. `damage` changes or removes one stored file of a version behind the store's back. */
export function artifactStoreConformance(
  name: string,
  open: () => Promise<ArtifactStore>,
  damage: (version: string, file: string, how: 'truncate' | 'change' | 'remove') => Promise<void>,
): void {
  describe(`ArtifactStore: ${name}`, () => {
    it('publishes whole versions and lists them newest first', async () => {
      const store = await open();
      const first = await store.publish(write('one'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      const second = await store.publish(write('two'));
      expect((await store.list()).map((manifest) => manifest.version)).toEqual([second.version, first.version]);
      expect((await store.open(second.version)).manifest).toEqual(second);
    });

    it('leaves nothing behind when writing fails', async () => {
      const store = await open();
      await expect(store.publish(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
      expect(await store.list()).toEqual([]);
    });

    it('promotes, and rolls back to what was current before', async () => {
      const store = await open();
      const first = await store.publish(write('one'));
      const second = await store.publish(write('two'));
      expect(await store.current()).toBeUndefined();
      await store.promote(first.version);
      await store.promote(second.version);
      expect(await store.current()).toBe(second.version);
      expect(await store.rollback()).toBe(first.version);
      expect(await store.current()).toBe(first.version);
      await expect(store.rollback()).rejects.toThrow('no earlier artifact');
    });

    it('refuses to promote what is not there', async () => {
      const store = await open();
      await expect(store.promote('20200101T000000000Z-nothing')).rejects.toThrow('missing');
    });

    it.each(['truncate', 'change', 'remove'] as const)('names the file when one was damaged: %s', async (how) => {
      const store = await open();
      const manifest = await store.publish(write('content'));
      await damage(manifest.version, 'vectors.bin', how);
      await expect(store.open(manifest.version)).rejects.toThrow('vectors.bin');
    });

    it('tells a watcher of a promotion within a second', async () => {
      const store = await open();
      const first = await store.publish(write('one'));
      const second = await store.publish(write('two'));
      await store.promote(first.version);
      const abort = new AbortController();
      const seen = new Promise<string>((resolve) => store.watch(first.version, resolve, abort.signal));
      await store.promote(second.version);
      expect(await seen).toBe(second.version);
      abort.abort();
    });
  });
}
