import type { Random } from '../domain/random.ts';
import { type Estimate, estimate, type PairedEstimate, pairedEstimate } from './bootstrap.ts';
import { coverageAt, gainAt, noveltyAt, popularityBias } from './metrics.ts';

/** What a recommender did at one moment of one person. */
export interface MomentResult {
  /** Entity key of the person or session. */
  readonly actor: string;
  /** Id of the item they turned to next. */
  readonly target: string;
  /** Place of the target in the list, from 0; −1 where it is not among the first 200. */
  readonly place: number;
  /** Ids of the first ten. */
  readonly top: readonly string[];
}

/** What is known of the moments and of the catalogue, for what is reported beside accuracy. */
export interface EvaluationContext {
  readonly catalogueSize: number;
  /** How many people had acted on an item, of how many. */
  readonly popularity: (id: string) => number;
  readonly people: number;
  /** Mean popularity of what people acted on, over all actions. */
  readonly usualPopularity: number;
  /** Group of a moment, such as `heavy users`; and of its target, such as `new items`. */
  readonly segments: (result: MomentResult) => readonly string[];
}

export const METRICS = ['HR@10', 'NDCG@10', 'MRR', 'Recall@200'] as const;
export type MetricName = (typeof METRICS)[number];

const figure: Readonly<Record<MetricName, (place: number) => number>> = {
  'HR@10': (place) => (place >= 0 && place < 10 ? 1 : 0),
  'NDCG@10': gainAt,
  MRR: (place) => (place >= 0 ? 1 / (place + 1) : 0),
  'Recall@200': (place) => (place >= 0 && place < 200 ? 1 : 0),
};

export interface SystemReport {
  readonly name: string;
  readonly metrics: Readonly<Record<MetricName, Estimate>>;
  /** Share of the catalogue in anybody's first ten. */
  readonly coverage: number;
  /** Mean self-information of the first ten, bits. */
  readonly novelty: number;
  readonly popularityBias: number;
  /** NDCG@10 by segment. */
  readonly segments: Readonly<Record<string, Estimate & { readonly moments: number }>>;
}

export interface EvaluationReport {
  /** What was held out, in words. */
  readonly window: string;
  readonly moments: number;
  readonly systems: readonly SystemReport[];
  /** The first system's NDCG@10 less each other's, on the same moments. */
  readonly differences: readonly { readonly against: string; readonly ndcg: PairedEstimate }[];
}

/** Compares systems on the same moments, the first one against all others. */
export function evaluationReport(
  window: string,
  systems: readonly { readonly name: string; readonly results: readonly MomentResult[] }[],
  context: EvaluationContext,
  random: Random,
): EvaluationReport {
  const [own] = systems;
  const ndcgOf = (results: readonly MomentResult[]): number[] => results.map(({ place }) => figure['NDCG@10'](place));
  return {
    window,
    moments: own?.results.length ?? 0,
    systems: systems.map(({ name, results }) => systemReport(name, results, context, random)),
    differences: systems.slice(1).map(({ name, results }) => ({
      against: name,
      ndcg: pairedEstimate(ndcgOf(own?.results ?? []), ndcgOf(results), random),
    })),
  };
}

function systemReport(name: string, results: readonly MomentResult[], context: EvaluationContext, random: Random): SystemReport {
  const over = (metric: MetricName, some: readonly MomentResult[]): Estimate =>
    estimate(
      some.map(({ place }) => figure[metric](place)),
      random,
    );
  const groups = new Map<string, MomentResult[]>();
  for (const result of results) {
    for (const segment of context.segments(result)) {
      const group = groups.get(segment);
      if (group === undefined) groups.set(segment, [result]);
      else group.push(result);
    }
  }
  const novelty = results.map(({ top }) => noveltyAt(top, 10, context.popularity, context.people));
  return {
    name,
    metrics: {
      'HR@10': over('HR@10', results),
      'NDCG@10': over('NDCG@10', results),
      MRR: over('MRR', results),
      'Recall@200': over('Recall@200', results),
    },
    coverage: coverageAt(
      results.map(({ top }) => top),
      10,
      context.catalogueSize,
    ),
    novelty: novelty.reduce((sum, value) => sum + value, 0) / Math.max(1, novelty.length),
    popularityBias: popularityBias(
      results.flatMap(({ top }) => top),
      context.usualPopularity,
      context.popularity,
    ),
    segments: Object.fromEntries(
      [...groups].map(([segment, some]) => [segment, { ...over('NDCG@10', some), moments: some.length }]),
    ),
  };
}
