import { gainAt } from '../../src/evaluation/metrics.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';

/** What the challenger did on held-out lists, list by list. */
export interface ChallengerFigures {
  readonly ranked: readonly number[];
  /** In the order of stage one alone. */
  readonly before: readonly number[];
  /** By the ranker that serves, where it reads the same columns. */
  readonly champion: readonly number[] | null;
  /** When each list was shown or acted upon, milliseconds. */
  readonly times: readonly number[];
  readonly results: readonly MomentResult[];
}

/** The ranker that serves. */
export interface ServingRanker {
  readonly version: string;
  /** Time of the newest event it was fitted on, milliseconds. */
  readonly learnedUntil: number;
  /** What it did, when it was the challenger, on what it had not learned from. */
  readonly results: readonly MomentResult[];
}

export interface Rival {
  readonly name: string;
  readonly challenger: readonly number[];
  readonly champion: readonly number[];
  /** Whose order it is. */
  readonly order: 'champion' | 'before';
}

/** Fewer lists than this say nothing of one ranker against another. */
const ENOUGH = 30;

/**
 * Whom to compare a challenger with, on lists that neither has learned from: the published ranker was fitted on its own
 * validation lists too, so on those it would win against any held-out model. Lists that came after it are best; else what both
 * did as challengers at the same moments; else the order without any ranker.
 */
export function chooseRival(
  figures: ChallengerFigures,
  serving: ServingRanker | undefined,
  untrained = 'the order of retrieval',
): Rival {
  const { ranked, before, champion, times } = figures;
  if (serving !== undefined && champion !== null) {
    const fresh = times.flatMap((time, i) => (time > serving.learnedUntil ? [i] : []));
    if (fresh.length >= ENOUGH) {
      const pick = (values: readonly number[]) => fresh.map((i) => values[i] ?? 0);
      return {
        name: `the ranker of ${serving.version}, on what came after it`,
        challenger: pick(ranked),
        champion: pick(champion),
        order: 'champion',
      };
    }
  }
  if (serving !== undefined) {
    const known = new Map(serving.results.map((result) => [momentKey(result), gainAt(result.place)]));
    const pairs = figures.results.flatMap((result) => {
      const other = known.get(momentKey(result));
      return other === undefined ? [] : [[gainAt(result.place), other] as const];
    });
    if (pairs.length >= ENOUGH) {
      return {
        name: `what the ranker of ${serving.version} did at the same moments before it had learned from them`,
        challenger: pairs.map(([own]) => own),
        champion: pairs.map(([, other]) => other),
        order: 'champion',
      };
    }
  }
  return { name: untrained, challenger: ranked, champion: before, order: 'before' };
}

const momentKey = ({ actor, target }: MomentResult): string => JSON.stringify([actor, target]);
