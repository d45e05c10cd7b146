import type { Impression } from '../../src/domain/event.ts';
import { POSITION_BUCKETS, positionBucket } from '../../src/features/state/exposure.ts';

/** Showings that an item needs, in at least two buckets, to tell places apart; and how many such items are enough. */
const SHOWINGS = 10;
const ENOUGH_ITEMS = 20;
const ROUNDS = 50;

/**
 * How much each place is looked at, against the first, by the position-based model (Craswell et al. 2008): the rate of
 * action is the item's times the place's. Both are estimated in turn from items that stood at several places, so that a good
 * item's rate is not taken for its place's.
 * @returns probabilities by bucket, or `undefined` where the positions of the same item hardly vary
 */
export function estimateExamination(labelled: ReadonlyMap<Impression, Float32Array>): number[] | undefined {
  const shown = new Map<string, Float64Array>();
  const acted = new Map<string, Float64Array>();
  for (const [{ items }, gains] of labelled) {
    items.forEach(({ id, position }, i) => {
      const bucket = positionBucket(position);
      counts(shown, id)[bucket]!++;
      if (gains[i]! > 0) counts(acted, id)[bucket]!++;
    });
  }
  const telling = [...shown].filter(([, byBucket]) => sum(byBucket) >= SHOWINGS && byBucket.filter((n) => n > 0).length > 1);
  if (telling.length < ENOUGH_ITEMS) return undefined;
  const places = Array.from({ length: POSITION_BUCKETS }, () => 1);
  for (let round = 0; round < ROUNDS; round++) {
    const expected = new Float64Array(POSITION_BUCKETS);
    const happened = new Float64Array(POSITION_BUCKETS);
    for (const [id, byBucket] of telling) {
      const actions = acted.get(id);
      let looked = 0;
      for (let b = 0; b < POSITION_BUCKETS; b++) looked += byBucket[b]! * places[b]!;
      const rate = (actions === undefined ? 0 : sum(actions)) / Math.max(1e-9, looked);
      for (let b = 0; b < POSITION_BUCKETS; b++) {
        expected[b]! += byBucket[b]! * rate;
        happened[b]! += actions?.[b] ?? 0;
      }
    }
    for (let b = 0; b < POSITION_BUCKETS; b++) places[b] = (happened[b]! + 1) / (expected[b]! + 1);
    const top = places[0]!;
    for (let b = 0; b < POSITION_BUCKETS; b++) places[b] = Math.min(4, Math.max(0.02, places[b]! / top));
  }
  return places;
}

function counts(table: Map<string, Float64Array>, id: string): Float64Array {
  let own = table.get(id);
  if (own === undefined) {
    own = new Float64Array(POSITION_BUCKETS);
    table.set(id, own);
  }
  return own;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
