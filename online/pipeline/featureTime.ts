import type { Clock } from '../../src/domain/clock.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';

/** How old the remembered value may be: the updater moves it with every batch. */
const FRESH_MS = 100;

/**
 * The newest logged action's time, milliseconds; the wall clock before the first action. Remembered for a tenth of a second,
 * and the last known value stands in while the store is away.
 */
export function createFeatureTime(store: FeatureStore, clock: Clock): () => Promise<number> {
  let known: number | undefined;
  let asked = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  const refresh = async () => {
    const value = await store.getMeta('featureTime');
    if (typeof value === 'number') known = value;
  };
  return async () => {
    if (pending === undefined && clock() - asked > FRESH_MS) {
      asked = clock();
      pending = refresh()
        .catch(() => {})
        .finally(() => {
          pending = undefined;
        });
    }
    if (known === undefined) await pending;
    return known ?? clock();
  };
}
