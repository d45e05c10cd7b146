import type { Impression, ShownItem } from '../../src/domain/event.ts';
import { POSITION_BUCKETS, positionBucket } from '../../src/features/state/exposure.ts';

/** Showings that an item needs, in at least two buckets, to tell places apart; and how many such items are enough. */
const SHOWINGS = 10;
const ENOUGH_ITEMS = 20;
const ROUNDS = 50;

/** Bands of equal size that the scores of one ranker are divided into. */
const BANDS = 50;

/**
 * How much each place is looked at, against the first, by the position-based model (Craswell et al. 2008): the rate of
 * action is the item's times the place's. Both are estimated in turn from items that stood at several places, so that a good
 * item's rate is not taken for its place's. A ranker puts first what suits the person, which the item's own rate over all people
 * does not tell: of lists with logged scores, what scored alike takes the item's part, so that a person's taste is not taken for
 * the place either.
 * @returns probabilities by bucket, or `undefined` where the positions of the same item hardly vary
 */
export function estimateExamination(labelled: ReadonlyMap<Impression, Float32Array>): number[] | undefined {
  const shown = new Map<string, Float64Array>();
  const acted = new Map<string, Float64Array>();
  const keyOf = likeness([...labelled.keys()]);
  for (const [list, gains] of labelled) {
    list.items.forEach((item, i) => {
      const bucket = positionBucket(item.position);
      const key = keyOf(list, item);
      counts(shown, key)[bucket]!++;
      if (gains[i]! > 0) counts(acted, key)[bucket]!++;
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

/** What is taken to be as good wherever it stands: the band of its score where one was logged, else the item for its query. */
function likeness(lists: readonly Impression[]): (list: Impression, item: ShownItem) => string {
  const scores = new Map<string, number[]>();
  for (const list of lists) {
    const scale = scaleOf(list);
    if (scale === undefined) continue;
    const own = scores.get(scale) ?? [];
    for (const { score } of list.items) if (score !== undefined) own.push(score);
    scores.set(scale, own);
  }
  const limits = new Map<string, Float64Array>();
  for (const [scale, own] of scores) {
    const sorted = Float64Array.from(own).sort();
    limits.set(
      scale,
      Float64Array.from({ length: BANDS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / BANDS)] ?? 0),
    );
  }
  return (list, { id, score }) => {
    const scale = scaleOf(list);
    const own = scale === undefined ? undefined : limits.get(scale);
    if (own === undefined || score === undefined) return `item ${id} ${list.query ?? ''}`;
    let band = 0;
    while (band < own.length && own[band]! <= score) band++;
    return `band ${band} of ${scale}`;
  };
}

/** What scores are comparable within: one ranker’s, in lists of one kind; without one, only how well texts are answered has a scale. */
const scaleOf = ({ served, route, query }: Impression): string | undefined =>
  served === undefined || (served.ranker === 'none' && query === undefined) ? undefined : JSON.stringify([served.ranker, route]);

function counts(table: Map<string, Float64Array>, id: string): Float64Array {
  let own = table.get(id);
  if (own === undefined) {
    own = new Float64Array(POSITION_BUCKETS);
    table.set(id, own);
  }
  return own;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
