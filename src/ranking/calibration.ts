/** Probability of an action = 1 / (1 + exp(−(slope × score + offset))); the slope is positive, so the order stays. */
export interface Calibration {
  readonly slope: number;
  readonly offset: number;
}

/** 0 for a score that is not a number, so that it sinks. */
export function probability({ slope, offset }: Calibration, score: number): number {
  const value = 1 / (1 + Math.exp(-(slope * score + offset)));
  return Number.isNaN(value) ? 0 : value;
}

/**
 * Platt's scaling: logistic regression of what happened on the score, by Newton's method, with his smoothed targets (Platt
 * 1999; Lin, Lin and Weng 2007). Without both outcomes, or with scores that tell nothing, the slope falls back to a small
 * positive one and the offset to the base rate.
 */
export function fitCalibration(scores: Float32Array, acted: Uint8Array): Calibration {
  let positives = 0;
  let mean = 0;
  for (let i = 0; i < scores.length; i++) {
    positives += acted[i]!;
    mean += scores[i]! / scores.length;
  }
  const negatives = scores.length - positives;
  const base = Math.log((positives + 0.5) / (negatives + 0.5));
  if (positives === 0 || negatives === 0) return { slope: 1, offset: base - (Number.isFinite(mean) ? mean : 0) };
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  let slope = 1;
  let offset = base - mean;
  for (let round = 0; round < 50; round++) {
    let g0 = 0;
    let g1 = 0;
    let h00 = 1e-9;
    let h01 = 0;
    let h11 = 1e-9;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i]!;
      const p = 1 / (1 + Math.exp(-(slope * score + offset)));
      const error = p - (acted[i] === 1 ? high : low);
      const curvature = Math.max(1e-12, p * (1 - p));
      g0 += error;
      g1 += error * score;
      h00 += curvature;
      h01 += curvature * score;
      h11 += curvature * score * score;
    }
    const determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 1e-12)) break;
    const byOffset = (h11 * g0 - h01 * g1) / determinant;
    const bySlope = (h00 * g1 - h01 * g0) / determinant;
    const damping = Math.min(1, 2 / Math.max(Math.abs(byOffset), Math.abs(bySlope), 1e-9));
    offset -= damping * byOffset;
    slope -= damping * bySlope;
    if (Math.abs(byOffset) + Math.abs(bySlope) < 1e-7) break;
  }
  return Number.isFinite(slope) && Number.isFinite(offset) && slope > 1e-3
    ? { slope, offset }
    : { slope: 1e-3, offset: base - 1e-3 * mean };
}
