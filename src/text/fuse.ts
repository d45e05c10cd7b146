/** How a text encoder's cosines are read beside lexical scores. */
export interface SemanticSettings {
  /** Share of the cosine in the fused score. */
  readonly weight: number;
  /** Cosine of two texts that have nothing to do with each other, about. */
  readonly floor: number;
  /** Cosine from which on an item without a word of the query is taken for a match. */
  readonly match: number;
}

/** What an item scored, where it was found. */
export interface FusionInput {
  readonly lexical: number | undefined;
  readonly cosine: number | undefined;
}

/**
 * Convex combination of normalised scores (Bruch, Gai & Ingber 2023): lexical scores as a share of the best, cosines as a
 * share of the way from the floor to the best. An item whose cosine is not known gets the least of those that are.
 * Without any cosine the lexical share is all there is. @returns scores from 0 to 1
 */
export function fuse(inputs: readonly FusionInput[], { weight, floor }: SemanticSettings): Float64Array {
  let bestLexical = 0;
  let bestCosine = floor;
  let leastCosine = Number.POSITIVE_INFINITY;
  for (const { lexical, cosine } of inputs) {
    if (lexical !== undefined) bestLexical = Math.max(bestLexical, lexical);
    if (cosine === undefined) continue;
    bestCosine = Math.max(bestCosine, cosine);
    leastCosine = Math.min(leastCosine, cosine);
  }
  const share = leastCosine === Number.POSITIVE_INFINITY ? 0 : bestLexical === 0 ? 1 : weight;
  const span = bestCosine - floor || 1;
  return Float64Array.from(inputs, ({ lexical, cosine }) => {
    const word = bestLexical > 0 ? (lexical ?? 0) / bestLexical : 0;
    const meaning = share === 0 ? 0 : Math.max(0, ((cosine ?? leastCosine) - floor) / span);
    return (1 - share) * word + share * meaning;
  });
}

/** Relevance from which on an item is placed that is the very thing asked for, and up to which the others are where there is one. */
const EXACT_FROM = 0.9;
const OTHERS_TO = 0.7;

/** Whether an item is the query itself, by how its words match. */
export const isExact = (words: Readonly<Record<string, number>> | undefined): boolean =>
  words?.['whole'] === 1 && words['exact'] === 1;

/**
 * Places items that are the query itself before all others, further than a person's taste moves anything. Scores stay between
 * 0 and 1; where nothing is exact, they stay what they are.
 */
export function exactFirst(scores: Float64Array, isFirst: (i: number) => boolean): Float64Array {
  if (!scores.some((_, i) => isFirst(i))) return scores;
  return scores.map((score, i) => (isFirst(i) ? EXACT_FROM + (1 - EXACT_FROM) * score : OTHERS_TO * score));
}
