/** How much the distance of two ranks counts beside the exact change of a swap. */
const GAP_WEIGHT = 1;

/**
 * Loss of one list and, in `gradient`, its derivative by every score. Labels are gains: 0 for what nobody wanted. A row that was
 * sampled counts for as many as it stands for; without that, rows of the sampled part would look better than they are, as
 * what was wanted is always among the rows and what it has to beat there is not.
 */
export type ListLoss = (scores: Float32Array, labels: Float32Array, gradient: Float32Array, standsFor?: Float32Array) => number;

/** Cross-entropy between the labels' shares and the softmax of the scores (ListNet's top one; Cao et al. 2007). */
export const softmaxLoss: ListLoss = (scores, labels, gradient, standsFor) => {
  let peak = Number.NEGATIVE_INFINITY;
  let total = 0;
  let gains = 0;
  for (let i = 0; i < scores.length; i++) {
    if (scores[i]! > peak) peak = scores[i]!;
    gains += labels[i]!;
  }
  for (let i = 0; i < scores.length; i++) total += (standsFor?.[i] ?? 1) * Math.exp(scores[i]! - peak);
  let loss = 0;
  for (let i = 0; i < scores.length; i++) {
    const share = gains > 0 ? labels[i]! / gains : 0;
    const logit = scores[i]! - peak;
    if (share > 0) loss += share * (Math.log(total) - logit);
    gradient[i] = gains > 0 ? ((standsFor?.[i] ?? 1) * Math.exp(logit)) / total - share : 0;
  }
  return loss;
};

/**
 * LambdaLoss, NDCG-Loss2++ (Wang et al. 2018): every pair of different labels pulls apart with the logistic loss,
 * weighted by what swapping the two would change in NDCG.
 */
export const lambdaLoss: ListLoss = (scores, labels, gradient, standsFor) => {
  gradient.fill(0);
  const size = scores.length;
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const ideal = Float64Array.from(labels).sort().reverse();
  let best = 0;
  for (let place = 0; place < size; place++) best += ideal[place]! / Math.log2(place + 2);
  if (best === 0) return 0;
  let loss = 0;
  for (let a = 0; a < size; a++) {
    const i = order[a]!;
    for (let b = a + 1; b < size; b++) {
      const j = order[b]!;
      const difference = labels[i]! - labels[j]!;
      if (difference === 0) continue;
      const discount = Math.abs(1 / Math.log2(a + 2) - 1 / Math.log2(b + 2));
      const gap = 1 / Math.log2(b - a + 1) - 1 / Math.log2(b - a + 2);
      const pairs = (standsFor?.[i] ?? 1) * (standsFor?.[j] ?? 1);
      const weight = (pairs * Math.abs(difference) * (discount + GAP_WEIGHT * gap)) / best;
      const [high, low] = difference > 0 ? [i, j] : [j, i];
      const margin = scores[high]! - scores[low]!;
      const pull = weight / (1 + Math.exp(margin));
      loss += weight * Math.log1p(Math.exp(-margin));
      gradient[high]! -= pull;
      gradient[low]! += pull;
    }
  }
  return loss;
};
