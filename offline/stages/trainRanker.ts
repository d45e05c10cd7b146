import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Progress } from '../../src/cli/progress.ts';
import type { Config } from '../../src/config/schema.ts';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { seededRandom } from '../../src/domain/random.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import type { RankerTrainer } from '../../src/ports/training.ts';
import type { RankerModel } from '../../src/ranking/rankerModel.ts';
import type { Interactions } from '../../src/retrieval/interactions.ts';
import type { RetrievalModels } from '../../src/retrieval/models.ts';
import type { Propose, Split } from '../ranking/interactionLists.ts';
import type { Counterfactuals } from '../ranking/judge.ts';
import { trainOnImpressions } from '../ranking/onImpressions.ts';
import { trainOnInteractions } from '../ranking/onInteractions.ts';

/** Stage one as some interactions alone would have made it. */
export interface StageOne {
  readonly models: RetrievalModels;
  readonly propose: Propose;
}

export interface TrainRankerInput {
  readonly config: Config;
  readonly catalogue: Catalogue;
  /** Everything that happened. */
  readonly interactions: Interactions;
  /** The log's actions and impressions, in any order. */
  readonly events: () => AsyncIterable<EnrichedEvent>;
  /** Trains stage one on a part of the interactions, so that rows are made without what they are to predict. */
  readonly trainStageOne: (interactions: Interactions, progress: Progress) => Promise<StageOne>;
  readonly trainer: RankerTrainer;
  /** The ranker that serves now: it is asked about the same lists, where it reads the same columns. */
  readonly champion?: RankerModel;
  readonly progress: Progress;
}

/** What validation says: one figure a list, so that two rankers can be compared list by list. */
export interface RankerValidation {
  /** What was validated on, such as `the last item of each person`. */
  readonly window: string;
  /** Keys of the lists, in order: the actor, or the impression's request. */
  readonly lists: readonly string[];
  /** When each list was shown or acted upon, milliseconds. */
  readonly times: readonly number[];
  /**
   * NDCG@10 of each list by the ranker, and in the order stage one alone gives. For a log of impressions, the gains are
   * corrected for how much each place was looked at.
   */
  readonly ranked: readonly number[];
  readonly before: readonly number[];
  /** And by the champion, where it reads the same columns. */
  readonly champion?: readonly number[];
  /** What each order would have earned where chance chose what was shown. */
  readonly counterfactual?: Counterfactuals;
  /** What both stages together proposed at each moment of the split, none of which either had learned from. */
  readonly split: Split;
  readonly results: readonly MomentResult[];
  /** What stage one alone proposed at the same moments. */
  readonly retrieved: readonly MomentResult[];
}

export interface TrainedRanker {
  readonly model: RankerModel;
  readonly validation: RankerValidation;
  readonly lists: number;
}

/** Lists shown and acted upon from which a log of impressions teaches more than what people did next. */
const ENOUGH_LISTS = 200;

/**
 * Trains stage two. A log with impressions teaches from what was shown; one without, from stage one's candidates at moments
 * before people turned to something new.
 * @returns `undefined` where there is nothing to learn from
 */
export async function trainRanker(input: TrainRankerInput): Promise<TrainedRanker | undefined> {
  const random = seededRandom(input.config.training.seed);
  const shown = await trainOnImpressions(input, { random, enough: ENOUGH_LISTS });
  return shown ?? trainOnInteractions(input, { random });
}
