import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { TrainingConfig } from '../../src/config/schema.ts';
import { before, type Interactions } from '../../src/retrieval/interactions.ts';
import { beforeMoments, type Moment, momentsAfter, momentsBefore, type Split } from './interactionLists.ts';

/** Shares of all actions after which the moments to fit on begin, and those to validate on. */
const FIT_FROM = 0.8;
const VALIDATE_FROM = 0.9;

/** Histories divided into what stage one learns from, the moments that the ranker is fitted on, and those that validate. */
export interface Division {
  readonly known: Interactions;
  readonly toFit: () => Generator<Moment>;
  readonly toValidate: () => Generator<Moment>;
  /** What is validated on, in words. */
  readonly window: string;
  readonly split: Split;
}

/**
 * By person (`last`): stage one knows all but everybody's last two items, the second-last fits, the last validates. By time
 * (`time`): stage one knows the first 80 % of the actions, the first new item that each person turns to in the next tenth fits, and
 * the first since then validates.
 */
export function divide(interactions: Interactions, catalogue: Pick<Catalogue, 'at'>, kind: TrainingConfig['split']): Division {
  if (kind === 'last')
    return {
      known: beforeMoments(interactions, 2),
      toFit: () => momentsBefore(interactions, catalogue, 2),
      toValidate: () => momentsBefore(interactions, catalogue, 1),
      window: 'the last item of each person',
      split: { kind: 'last', unlearned: 2 },
    };
  const times = interactions.times.slice().sort();
  const timeAt = (share: number): number => times[Math.floor(share * times.length)] ?? Number.POSITIVE_INFINITY;
  const [fitFrom, at] = [timeAt(FIT_FROM), timeAt(VALIDATE_FROM)];
  return {
    known: before(interactions, fitFrom),
    toFit: () => momentsAfter(interactions, catalogue, fitFrom, at),
    toValidate: () => momentsAfter(interactions, catalogue, at),
    window: 'the first new item of each person in the last tenth of the log',
    split: { kind: 'time', at, learnedUntil: fitFrom },
  };
}
