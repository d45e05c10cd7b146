import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { LoopConfig } from '../../src/config/schema.ts';
import { enriched } from '../../src/domain/candidates.ts';
import type { Action, EnrichedEvent, Impression } from '../../src/domain/event.ts';
import type { EligibleCandidate } from '../../src/domain/pipeline.ts';
import { entityKey } from '../../src/domain/state.ts';
import type { RankingContext } from '../../src/features/feature.ts';
import { actorKey, applyEvent, createStateFeatures, historyOf, type StateTable, seenOf } from '../../src/features/index.ts';
import { verdictsOf } from '../../src/features/state/verdicts.ts';
import { type ListStatistics, observeActed, observeShown } from '../../src/features/statistics.ts';
import { fitTastes, type Tastes } from '../../src/features/tastes.ts';
import { trail } from '../../src/retrieval/sources/context.ts';
import type { Joined } from './join.ts';
import { pastQuery } from './query.ts';

/** Lists before tastes are fitted at all, and by how much their number grows until they are fitted anew. */
const FIRST_FIT = 200;
const GROWTH = 1.2;
/** People that tastes are fitted to: of more, those who came last. */
const MOST_PEOPLE = 5000;

export interface ReplayInput {
  readonly catalogue: Catalogue;
  readonly loop: LoopConfig;
  readonly weights: Readonly<Record<string, number>>;
  /** In time order. */
  readonly ordered: readonly EnrichedEvent[];
  readonly joined: Joined;
  /** Counted up in place as time goes by. */
  readonly statistics: ListStatistics;
  /** Told of every event once its moment has passed. */
  readonly passed?: (event: EnrichedEvent) => void;
}

/** A moment of the past, just before something happened. What it gives is true until the next one is asked for. */
export type PastMoment =
  | {
      readonly kind: 'shown';
      readonly event: Impression;
      /** The list as `POST /rank` would get it, its items' gains and places. */
      readonly list: RankingContext;
      readonly gains: Float32Array;
      readonly positions: readonly number[];
      /** By row, where chance chose the item for its place. */
      readonly propensities: readonly (number | undefined)[];
      /** Makes other candidates what serving would have ranked then. */
      readonly listOf: ListOf;
    }
  | {
      /** Someone is about to turn to an item that is new to them, or to be shown the list that makes them. */
      readonly kind: 'acted';
      readonly event: Action;
      /** Whether the action came of a list that was shown. */
      readonly ofList: boolean;
      readonly actor: string;
      readonly target: number;
      readonly seen: ReadonlySet<number>;
      /** Makes stage one's candidates what serving would have ranked then. */
      readonly listOf: ListOf;
    };

type ListOf = (candidates: readonly EligibleCandidate[]) => RankingContext;

/**
 * Lives through the log with the state features that serve, and stops before each list that teaches, and before each action
 * of positive weight on an item new to its actor. What came of a list is asked for before that list was shown, as it was then
 * that serving chose: right before the action, having just been shown tells the wanted item from all others.
 */
export function* replay({ catalogue, loop, weights, ordered, joined, statistics, passed }: ReplayInput): Generator<PastMoment> {
  const features = createStateFeatures(loop);
  const states: StateTable = new Map();
  let featureTime = ordered[0]?.occurredAt ?? 0;
  let lists = 0;
  let nextFit = FIRST_FIT;

  const contextOf = (event: EnrichedEvent, candidates: readonly EligibleCandidate[]): RankingContext => {
    const actor = actorKey(event) ?? entityKey('session', '');
    const userState = states.get(actor);
    const history = historyOf(userState);
    const moment = { actor, history, at: featureTime, ...(userState === undefined ? {} : { userState }) };
    const query = pastQuery(event.kind === 'action' ? moment : { ...moment, ...circumstances(event) });
    return {
      query,
      history: trail({ eventWeights: weights }, query),
      candidates: candidates.map((candidate) => enriched(candidate, states.get(entityKey('item', candidate.id)))),
    };
  };

  const actedMoment = (event: Action): PastMoment | undefined => {
    const actor = actorKey(event);
    const target = catalogue.ordinal(event.itemId);
    const seen = seenOf(actor === undefined ? undefined : states.get(actor));
    if (actor === undefined || target === undefined || seen.size === 0 || seen.has(event.itemId)) return undefined;
    if ((weights[event.type] ?? 0) <= 0) return undefined;
    const ordinals = new Set([...seen].flatMap((id) => catalogue.ordinal(id) ?? []));
    const ofList = joined.attributed.has(event);
    return { kind: 'acted', event, ofList, actor, target, seen: ordinals, listOf: (candidates) => contextOf(event, candidates) };
  };
  const cameOf = new Map<Impression, Action[]>();
  for (const [action, list] of joined.attributed) cameOf.set(list, [...(cameOf.get(list) ?? []), action]);
  const choicesAt = (event: EnrichedEvent): readonly Action[] => {
    if (event.kind === 'impression') return cameOf.get(event) ?? [];
    return joined.attributed.has(event) ? [] : [event];
  };

  for (const event of ordered) {
    for (const action of choicesAt(event)) {
      const moment = actedMoment(action);
      if (moment !== undefined) yield moment;
    }
    if (event.kind === 'impression') {
      if (lists++ >= nextFit) {
        statistics.tastes = tastesNow(states, weights);
        nextFit *= GROWTH;
      }
      const gains = joined.labelled.get(event);
      if (gains !== undefined && tells(gains))
        yield shownMoment(event, gains, catalogue, (candidates) => contextOf(event, candidates));
      for (const { id } of event.items) {
        const item = catalogue.get(id);
        if (item !== undefined) observeShown(statistics, item);
      }
    } else {
      featureTime = Math.max(featureTime, event.occurredAt);
      const item = joined.attributed.has(event) ? catalogue.get(event.itemId) : undefined;
      if (item !== undefined) observeActed(statistics, item, weights[event.type] ?? 0);
    }
    applyEvent(features, states, event, weights);
    passed?.(event);
  }
  if (lists >= FIRST_FIT) statistics.tastes = tastesNow(states, weights);
}

/** What items tell of tastes by what is known now, of those who ever acted upon anything. */
function tastesNow(states: StateTable, weights: ReplayInput['weights']): Tastes {
  const actors = [...states].filter(([key, { features }]) => !key.startsWith('item:') && features['history'] !== undefined);
  return fitTastes(actors.slice(-MOST_PEOPLE).map(([, state]) => [...verdictsOf(state, historyOf(state), weights)]));
}

/** A list teaches where some of it was acted upon and some was not. */
export const tells = (gains: Float32Array): boolean => gains.some((gain) => gain > 0) && gains.some((gain) => gain === 0);

function shownMoment(event: Impression, gains: Float32Array, catalogue: Catalogue, listOf: ListOf): PastMoment {
  const known = event.items.flatMap(({ id, position, propensity }, i) => {
    const ordinal = catalogue.ordinal(id);
    const item = catalogue.get(id);
    return ordinal === undefined || item === undefined
      ? []
      : [{ gain: gains[i]!, position, propensity, candidate: { id, ordinal, item, hits: [] } }];
  });
  return {
    kind: 'shown',
    event,
    list: listOf(known.map(({ candidate }) => candidate)),
    listOf,
    gains: Float32Array.from(known, ({ gain }) => gain),
    positions: known.map(({ position }) => position),
    propensities: known.map(({ propensity }) => propensity),
  };
}

function circumstances({ route, query, anchor, context }: Impression) {
  return {
    route: route ?? ('recommend' as const),
    ...(query === undefined ? {} : { text: query }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(context === undefined ? {} : { context }),
  };
}
