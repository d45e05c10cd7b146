import type { LoadedArtifact } from '../src/artifacts/loaded.ts';
import type { ItemId } from '../src/domain/item.ts';
import { entityKey } from '../src/domain/state.ts';
import { clickThroughOf } from '../src/features/state/clickThrough.ts';
import { popularityFeature } from '../src/features/state/popularity.ts';
import { FEATURE_TIME } from '../src/loop/batch.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';

/** What was done with an item where it was shown; showings count for how probably their place was looked at. */
export interface ClickThrough {
  readonly shown: number;
  readonly acted: number;
  /** `null` where it was not shown. */
  readonly rate: number | null;
}

export interface ItemActivity {
  readonly actions: readonly { readonly type: string; readonly count: number; readonly lastAt: number }[];
  /** Halved every day, and every 30 days, as of the newest action that is known of any item. */
  readonly clickThrough: { readonly day: ClickThrough; readonly month: ClickThrough };
}

/** The counters that events have made of an item. @throws UnavailableError */
export async function itemActivity(
  { store, artifact }: { readonly store: FeatureStore; readonly artifact: Pick<LoadedArtifact, 'examination'> },
  id: ItemId,
): Promise<ItemActivity> {
  const [[state], featureTime] = await Promise.all([store.getMany([entityKey('item', id)]), store.getMeta(FEATURE_TIME)]);
  const at = typeof featureTime === 'number' ? featureTime : 0;
  const through = (halfLife: 0 | 1): ClickThrough => {
    const { shown, acted } = clickThroughOf(state, at, halfLife, artifact.examination);
    return { shown, acted, rate: shown === 0 ? null : acted / shown };
  };
  const counts = Object.entries(popularityFeature.read(state?.features[popularityFeature.name]));
  return {
    actions: counts.map(([type, [count = 0, , , , lastAt = 0]]) => ({ type, count, lastAt })),
    clickThrough: { day: through(0), month: through(1) },
  };
}
