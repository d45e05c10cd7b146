import { type MergedEntry, mergeProposals, type SourceList } from './merge.ts';
import type { RetrievalModels } from './models.ts';
import { MOST_NEW_ITEMS, newItemScores } from './newItemScores.ts';
import type { Quotas } from './quotas.ts';
import { topK } from './topK.ts';

export interface ProposeOptions {
  /** Size of the pool. */
  readonly k: number;
  /** Ordinals that are out, such as the seen ones. */
  readonly excluded: ReadonlySet<number>;
  readonly quotas?: Quotas;
}

/**
 * The candidates that serving would retrieve for a history, by ordinal: the same models, quotas and merge, with exact scans
 * in place of the indices and without what needs a request. For training rows and evaluation.
 */
export function proposeCandidates(
  models: RetrievalModels,
  ordinals: readonly number[],
  { k, excluded, quotas = models.quotas }: ProposeOptions,
): MergedEntry<number>[] {
  return mergeProposals(sourceLists(models, ordinals, { k, excluded, quotas }), k);
}

/** Every source's list for a history, before they are merged. */
export function sourceLists(
  models: RetrievalModels,
  ordinals: readonly number[],
  { k, excluded, quotas }: Required<ProposeOptions>,
): SourceList<number>[] {
  const has = (ordinal: number) => !excluded.has(ordinal);
  const lists: SourceList<number>[] = [];
  const add = (source: string, scores: Float32Array | undefined, floor?: number) => {
    if (scores === undefined) return;
    const entries = topK(scores, k, has, floor).map(({ index, score }) => ({ key: index, score }));
    lists.push({ source, quota: quotas[source] ?? 0, entries });
  };
  add('behaviour', behaviourScores(models, ordinals));
  add('covisitation', ordinals.length > 0 ? models.coVisitation.scoreHistory(ordinals) : undefined, 0);
  add('together', ordinals.length > 0 ? models.wideCoVisitation.scoreHistory(ordinals) : undefined, 0);
  if ((quotas['content'] ?? 0) > 0) add('content', contentScores(models, ordinals));
  add('new', untouchedScores(models, ordinals));
  const popular = [];
  for (let i = 0; i < models.popularity.byPopularity.length && popular.length < k; i++) {
    const key = models.popularity.byPopularity[i]!;
    if (has(key)) popular.push({ key, score: models.popularity.decayed[key]! });
  }
  lists.push({ source: 'popular', quota: quotas['popular'] ?? 0, entries: popular });
  return lists;
}

function behaviourScores({ behaviour, trainedSize }: RetrievalModels, ordinals: readonly number[]): Float32Array | undefined {
  const vector = behaviour?.query(ordinals);
  if (vector === undefined || behaviour === undefined) return undefined;
  const scores = new Float32Array(trainedSize);
  behaviour.scoreAll(vector, scores);
  return scores;
}

/** The scores of items nobody has touched, all others at the floor. */
function untouchedScores(models: RetrievalModels, ordinals: readonly number[]): Float32Array | undefined {
  const { counts } = models.popularity;
  const untouched: number[] = [];
  for (let i = counts.length - 1; i >= 0 && untouched.length < MOST_NEW_ITEMS; i--) if (counts[i] === 0) untouched.push(i);
  untouched.reverse();
  const scores = newItemScores(models, ordinals, untouched);
  if (scores === undefined) return undefined;
  const out = new Float32Array(counts.length).fill(Number.NEGATIVE_INFINITY);
  for (const [i, ordinal] of untouched.entries()) out[ordinal] = scores[i]!;
  return out;
}

function contentScores({ content, trainedSize }: RetrievalModels, ordinals: readonly number[]): Float32Array | undefined {
  const vector = content.query(ordinals);
  if (vector === undefined) return undefined;
  const scores = new Float32Array(trainedSize);
  content.scoreAll(vector, scores);
  return scores;
}
