import type { RankingFeature } from '../feature.ts';
import type { QueryMemory } from '../queryMemory.ts';
import { actionRate } from './actionRate.ts';
import { categoriesOf } from './categories.ts';
import { categoryAffinity } from './categoryAffinity.ts';
import { categoryRate } from './categoryRate.ts';
import { content } from './content.ts';
import { cosines } from './cosines.ts';
import { coVisitation } from './coVisitation.ts';
import { freshness } from './freshness.ts';
import { itemDemand } from './itemDemand.ts';
import { itemPopularity } from './itemPopularity.ts';
import { lateness } from './lateness.ts';
import { likeTheBest } from './likeTheBest.ts';
import { numbers } from './numbers.ts';
import { ownRate } from './ownRate.ts';
import { position } from './position.ts';
import { proposed } from './proposed.ts';
import { queryAnswers } from './queryAnswers.ts';
import { queryClicks } from './queryClicks.ts';
import { queryMatch } from './queryMatch.ts';
import { requestContext } from './requestContext.ts';
import { retrieverScore } from './retrieverScore.ts';
import type { FeatureInputs } from './shared.ts';
import { taste } from './taste.ts';
import { transitions } from './transitions.ts';
import { wideCoVisitation } from './wideCoVisitation.ts';

/** All ranking features, in the order of their columns. Those about impressions are there only where a log of them was learned from. */
export function rankingFeatures(inputs: FeatureInputs): readonly RankingFeature[] {
  const categories = categoriesOf(inputs.fields);
  const always = [
    retrieverScore(inputs),
    coVisitation(inputs),
    transitions(inputs),
    wideCoVisitation(inputs),
    itemPopularity(inputs),
    lateness(inputs),
    cosines(inputs),
    content(inputs),
    categoryAffinity(inputs, categories),
    numbers(inputs),
    requestContext(),
  ];
  return inputs.statistics === undefined
    ? always
    : [
        ...always,
        actionRate(inputs),
        categoryRate(inputs, categories),
        ownRate(inputs, categories),
        taste(inputs),
        position(),
        proposed(),
      ];
}

/**
 * Features of a search's candidates: how they answer the text, what searchers took, what is known of them, and the place as it
 * was shown. Popularity is read off the items' state: counted over all of the log it would know what it is to tell.
 */
export const searchFeatures = (inputs: FeatureInputs, memory: QueryMemory): readonly RankingFeature[] => [
  queryMatch(inputs),
  likeTheBest(inputs),
  queryAnswers(memory),
  queryClicks(memory),
  itemDemand(inputs, memory),
  numbers(inputs),
  freshness(inputs),
  categoryAffinity(inputs, categoriesOf(inputs.fields)),
  position(),
];

export type { FeatureInputs } from './shared.ts';
