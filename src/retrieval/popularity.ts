import type { Interactions } from './interactions.ts';
import type { PopularityTable } from './models.ts';

/** Half-life of `decayed`, and length of the recent window of `trend`, as shares of the log's span. */
const HALF_LIFE = 0.1;
const RECENT = 0.05;
/** Prior counts that keep rare items' trends near 1. */
const TREND_PRIOR = 5;

/** Counts, decayed counts and trend of every item, from entries of positive weight. */
export function buildPopularity(interactions: Interactions): PopularityTable {
  const { actors, offsets, items, times, weights, itemCount } = interactions;
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < times.length; i++) {
    if (weights[i]! <= 0) continue;
    oldest = Math.min(oldest, times[i]!);
    newest = Math.max(newest, times[i]!);
  }
  const span = Math.max(1, newest - oldest);
  const recentFrom = newest - span * RECENT;
  const counts = new Float32Array(itemCount);
  const decayed = new Float64Array(itemCount);
  const recent = new Float64Array(itemCount);
  const places = new Float64Array(itemCount);
  let total = 0;
  let recentTotal = 0;
  for (let a = 0; a < actors.length; a++) {
    const length = offsets[a + 1]! - offsets[a]!;
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      if (weights[i]! <= 0) continue;
      const item = items[i]!;
      const time = times[i]!;
      counts[item]!++;
      total++;
      decayed[item]! += weights[i]! * 2 ** ((time - newest) / (span * HALF_LIFE));
      if (time >= recentFrom) {
        recent[item]!++;
        recentTotal++;
      }
      places[item]! += length > 1 ? (i - offsets[a]!) / (length - 1) : 0.5;
    }
  }
  const share = recentTotal / Math.max(1, total);
  const trend = Float32Array.from({ length: itemCount }, (_, i) =>
    total === 0 ? 1 : (recent[i]! + TREND_PRIOR * share) / ((counts[i]! + TREND_PRIOR) * share),
  );
  const lateness = Float32Array.from({ length: itemCount }, (_, i) => (counts[i]! > 0 ? places[i]! / counts[i]! : 0.5));
  const touched = Int32Array.from({ length: itemCount }, (_, i) => i).filter((i) => counts[i]! > 0);
  const by = (value: (i: number) => number) => touched.slice().sort((a, b) => value(b) - value(a) || a - b);
  return {
    counts,
    decayed: Float32Array.from(decayed),
    trend,
    lateness,
    byPopularity: by((i) => decayed[i]!),
    // Rising, but not from nothing: the rate's rise times how much of it there is.
    byTrend: by((i) => Math.log(trend[i]!) * Math.sqrt(recent[i]!)),
  };
}
