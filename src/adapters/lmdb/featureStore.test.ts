import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { featureStoreConformance } from '../../ports/conformance/featureStore.ts';
import { openLmdbFeatureStore } from './featureStore.ts';

featureStoreConformance('LMDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-store-'));
  const store = await openLmdbFeatureStore(folder);
  const other = await openLmdbFeatureStore(folder);
  return {
    store,
    other,
    close: async () => {
      await other.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
