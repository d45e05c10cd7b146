import { ranked } from '../domain/candidates.ts';
import type { ItemId } from '../domain/item.ts';
import type { EnrichedCandidate, Query, RankedCandidate } from '../domain/pipeline.ts';
import type { RankingContext } from '../features/feature.ts';
import type { Ranker } from '../ports/models.ts';
import { exactFirst, isExact } from '../text/fuse.ts';
import type { DriftMonitor } from './drift.ts';
import type { Vectoriser } from './vectoriser.ts';

/** A ranker with what makes its rows. */
export interface Ranking {
  readonly vectoriser: Vectoriser;
  readonly ranker: Ranker;
}

/** Stage two as it serves. Without a ranker, lists keep retrieval's order. */
export interface RankStage {
  readonly vectoriser: Vectoriser;
  readonly ranker?: Ranker;
  /** What learned how a text is answered; without it the untrained relevance leads a search. */
  readonly searches?: Ranking;
  /** Sees what the ranker is asked about; absent where nothing is known of what training saw. */
  readonly drift?: DriftMonitor;
}

export interface RankOptions {
  /** Which candidates get `contributions`: costs about half a millisecond each. */
  readonly explain?: 'all' | ReadonlySet<ItemId>;
}

/** The most by which a person's own taste moves a search result's relevance, as a share of it. */
const PERSONAL_SHARE = 0.1;

/**
 * Scores a list and orders it, best first; equal scores keep their order. `relevance` is positive: the ranker's probability
 * of an action; without a ranker 1 / place in retrieval's order. A search is led by how well the item answers the text, and a
 * known history moves that by at most a tenth either way.
 * @throws UnavailableError where the ranker is remote and away
 */
export async function rank(
  stage: RankStage,
  context: RankingContext,
  options: RankOptions = {},
): Promise<readonly RankedCandidate[]> {
  const { candidates } = context;
  if (candidates.length === 0) return [];
  if (context.query.text !== undefined) return rankSearch(stage, context, options);
  if (stage.ranker === undefined) return byRelevance(candidates, retrievalOrder(context));
  const features = stage.vectoriser.vectorise(context);
  // What training saw are recommendations to people with a history; an explanation asks a second time about the same list.
  if (context.query.route === 'recommend' && context.history.length > 0 && options.explain === undefined)
    stage.drift?.observe(features);
  const scores = await stage.ranker.score(features, candidates.length);
  return byRelevance(candidates, scores, await contributions(stage.ranker, features, candidates, options));
}

/** Whether a list's order depends on what the store knows of its items: only what was learned reads that. */
export function readsState({ ranker, searches }: RankStage, { text, history }: Pick<Query, 'text' | 'history'>): boolean {
  return text === undefined ? ranker !== undefined : searches !== undefined || (ranker !== undefined && history.length > 0);
}

/** What may lead a list. */
interface Leaders<R> {
  readonly ranker?: R;
  readonly searches?: { readonly ranker: R };
}

/**
 * Which ranker leads a list. What answers a text is led by the ranker of searches, where there is one; without it a person's
 * taste moves the list, and the order of a stranger's is retrieval's alone.
 */
export function leaderOf<R>({ ranker, searches }: Leaders<R>, { query, history, candidates }: ListAsked): R | undefined {
  if (query.text === undefined) return ranker;
  return answersText(candidates) && searches !== undefined ? searches.ranker : history.length > 0 ? ranker : undefined;
}

interface ListAsked {
  readonly query: Pick<Query, 'text'>;
  readonly history: readonly unknown[];
  readonly candidates: readonly Pick<EnrichedCandidate, 'match'>[];
}

const answersText = (candidates: ListAsked['candidates']): boolean => candidates.some(({ match }) => match !== undefined);

/**
 * A stranger's relevance, moved by the person's standing. An explanation is of the relevance where that was learned, else of the
 * person's taste.
 */
async function rankSearch(
  { vectoriser, ranker, searches }: RankStage,
  context: RankingContext,
  options: RankOptions,
): Promise<readonly RankedCandidate[]> {
  const { candidates, history } = context;
  const matched = searches !== undefined && answersText(candidates);
  const answering = matched ? await scored(searches, { ...context, history: [] }, options) : undefined;
  const relevance = answering === undefined ? retrievalOrder(context) : exactOnTop(candidates, answering.scores);
  if (history.length === 0) return byRelevance(candidates, relevance, answering?.parts);
  const taste = ranker && (await scored({ vectoriser, ranker }, context, answering === undefined ? options : {}));
  const answered = matched ? await scored(searches, context, {}) : undefined;
  if (taste === undefined && answered === undefined) return byRelevance(candidates, relevance);
  const standing = Float32Array.from(candidates, (_, i) => {
    const moved = answered && answering ? logOdds(answered.scores[i]!) - logOdds(answering.scores[i]!) : 0;
    return moved + (taste === undefined ? 0 : logOdds(taste.scores[i]!));
  });
  return byRelevance(candidates, personalised(relevance, standing), answering?.parts ?? taste?.parts);
}

/** Of a probability; kept finite. */
const logOdds = (probability: number): number => {
  const within = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(within / (1 - within));
};

/** What is the query word for word stays first, whatever was learned. */
const exactOnTop = (candidates: readonly EnrichedCandidate[], scores: Float32Array): Float32Array =>
  Float32Array.from(exactFirst(Float64Array.from(scores), (i) => isExact(candidates[i]?.match?.words)));

async function scored({ vectoriser, ranker }: Ranking, context: RankingContext, options: RankOptions) {
  const features = vectoriser.vectorise(context);
  const scores = await ranker.score(features, context.candidates.length);
  return { scores, parts: await contributions(ranker, features, context.candidates, options) };
}

function retrievalOrder({ candidates, query }: RankingContext): Float32Array {
  if (query.text === undefined || !answersText(candidates)) return Float32Array.from(candidates, (_, place) => 1 / (place + 1));
  return Float32Array.from(candidates, ({ match }) => match?.fused ?? 0);
}

/** Moves each relevance by where its person's score stands among the list's, from −10 % for the lowest to +10 % for the highest. */
function personalised(relevance: Float32Array, scores: Float32Array): Float32Array {
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || b - a);
  const moved = new Float32Array(relevance.length);
  order.forEach((i, place) => {
    const standing = order.length === 1 ? 0 : (2 * place) / (order.length - 1) - 1;
    moved[i] = relevance[i]! * (1 + PERSONAL_SHARE * standing);
  });
  return moved;
}

async function contributions(
  ranker: Ranker,
  features: Float32Array,
  candidates: readonly EnrichedCandidate[],
  { explain }: RankOptions,
): Promise<Map<number, Record<string, number>>> {
  const parts = new Map<number, Record<string, number>>();
  if (explain === undefined) return parts;
  const wanted = [...candidates.keys()].filter((i) => explain === 'all' || explain.has(candidates[i]!.id));
  const width = ranker.columns.length;
  const rows = new Float32Array(wanted.length * width);
  wanted.forEach((i, row) => {
    rows.set(features.subarray(i * width, (i + 1) * width), row * width);
  });
  const explained = await ranker.explain(rows, wanted.length);
  wanted.forEach((i, row) => {
    const own: Record<string, number> = {};
    ranker.columns.forEach((column, c) => {
      const part = explained[row * width + c]!;
      if (Math.abs(part) > 1e-6) own[column] = part;
    });
    parts.set(i, own);
  });
  return parts;
}

/** Best first. What is not a number sinks to the end. */
function byRelevance(
  candidates: readonly EnrichedCandidate[],
  relevance: Float32Array,
  parts?: ReadonlyMap<number, Record<string, number>>,
): readonly RankedCandidate[] {
  const standing = (i: number): number => (Number.isNaN(relevance[i]!) ? Number.NEGATIVE_INFINITY : relevance[i]!);
  const order = [...candidates.keys()].sort((a, b) => standing(b) - standing(a) || a - b);
  return order.map((i) => ranked(candidates[i]!, Number.isNaN(relevance[i]!) ? 0 : relevance[i]!, parts?.get(i)));
}
