import { featureStoreConformance } from '../../ports/conformance/featureStore.ts';
import { MemoryFeatureStore } from './featureStore.ts';

featureStoreConformance('memory', async () => {
  const store = new MemoryFeatureStore();
  return { store, other: store, close: () => store.close() };
});
