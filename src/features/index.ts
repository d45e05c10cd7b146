import type { LoopConfig } from '../config/schema.ts';
import type { StateFeature } from './feature.ts';
import { clickThroughFeature } from './state/clickThrough.ts';
import { exposureFeature } from './state/exposure.ts';
import { historyFeature } from './state/history.ts';
import { popularityFeature } from './state/popularity.ts';
import { seenFeature } from './state/seen.ts';
import { shownFeature } from './state/shown.ts';

export { actorKey, applyEvent, type StateTable } from './state/apply.ts';
export { historyOf } from './state/history.ts';
export { seenOf } from './state/seen.ts';

/** All that events maintain, for the configured length of history. */
export function createStateFeatures(
  loop: Pick<LoopConfig, 'historyLength' | 'attributionWindowMinutes'>,
): readonly StateFeature[] {
  return [
    historyFeature(loop.historyLength),
    seenFeature,
    shownFeature,
    popularityFeature,
    exposureFeature,
    clickThroughFeature(loop.attributionWindowMinutes),
  ];
}
