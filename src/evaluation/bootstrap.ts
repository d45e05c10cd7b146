import type { Random } from '../domain/random.ts';

/** A mean over lists, and where it lies with 95 % confidence. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const ROUNDS = 1000;

/** Mean with the percentile bootstrap's 95 % interval (Efron 1979), resampling lists. */
export function estimate(values: ArrayLike<number>, random: Random, rounds = ROUNDS): Estimate {
  const n = values.length;
  if (n === 0) return { mean: 0, low: 0, high: 0 };
  let total = 0;
  for (let i = 0; i < n; i++) total += values[i]!;
  const means = new Float64Array(rounds);
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor(random() * n)]!;
    means[round] = sum / n;
  }
  means.sort();
  return { mean: total / n, low: means[Math.floor(0.025 * rounds)]!, high: means[Math.ceil(0.975 * rounds) - 1]! };
}

/** The mean difference `a − b` over the same lists, with its interval; and the share of resamples in which `a` is not better. */
export interface PairedEstimate extends Estimate {
  readonly pValue: number;
}

/** Paired bootstrap: both on the same lists, whose difference is resampled. */
export function pairedEstimate(a: ArrayLike<number>, b: ArrayLike<number>, random: Random, rounds = ROUNDS): PairedEstimate {
  if (a.length !== b.length) throw new Error(`paired lists differ in number: ${a.length} and ${b.length}`);
  const n = a.length;
  if (n === 0) return { mean: 0, low: 0, high: 0, pValue: 1 };
  let total = 0;
  for (let i = 0; i < n; i++) total += a[i]! - b[i]!;
  const means = new Float64Array(rounds);
  let notBetter = 0;
  for (let round = 0; round < rounds; round++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const pick = Math.floor(random() * n);
      sum += a[pick]! - b[pick]!;
    }
    means[round] = sum / n;
    if (sum <= 0) notBetter++;
  }
  means.sort();
  const low = means[Math.floor(0.025 * rounds)]!;
  return { mean: total / n, low, high: means[Math.ceil(0.975 * rounds) - 1]!, pValue: notBetter / rounds };
}
