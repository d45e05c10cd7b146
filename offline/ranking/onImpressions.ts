import type { EnrichedEvent, Impression } from '../../src/domain/event.ts';
import { type EntityKey, entityKey } from '../../src/domain/state.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import { actorKey, applyEvent, createStateFeatures, historyOf, type StateTable } from '../../src/features/index.ts';
import { categoryFields } from '../../src/features/ranking/categories.ts';
import { positionBucket } from '../../src/features/state/exposure.ts';
import { emptyStatistics, type ListStatistics, observeActed, observeShown } from '../../src/features/statistics.ts';
import { fitCalibration } from '../../src/ranking/calibration.ts';
import { rankerId } from '../../src/ranking/rankerModel.ts';
import { createVectoriser, type Vectoriser } from '../../src/ranking/vectoriser.ts';
import { before as upTo } from '../../src/retrieval/interactions.ts';
import type { TrainedRanker, TrainRankerInput } from '../stages/trainRanker.ts';
import { estimateExamination } from './examination.ts';
import { championScorer, fitRanker, MEMBERS, scorer } from './fit.ts';
import { momentsOf, type Propose, proposeLists } from './interactionLists.ts';
import { inTimeOrder, type Joined, joinActions } from './join.ts';
import { concatenate, ListCollector } from './lists.ts';
import { byScore, momentResult } from './places.ts';
import { pastQuery } from './query.ts';

/** Where stage one is trained anew, as shares of the telling lists in time: each list is seen with what came before only. */
const CUTS = [0.3] as const;
/** The share of the lists, the latest, that validate. */
const VALIDATION = 0.2;

/**
 * Teaches from the lists that were shown, by replaying the log in time order through the state features that serve: a row
 * holds what was known when its list was shown. Lists before the first cut only build up the state.
 * @returns `undefined` where too few lists were acted upon
 */
export async function trainOnImpressions(
  input: TrainRankerInput,
  { enough }: { enough: number },
): Promise<TrainedRanker | undefined> {
  const { config, catalogue, interactions, progress, trainer } = input;
  const weights = Object.fromEntries(Object.entries(config.eventTypes).map(([type, { weight }]) => [type, weight]));
  const ordered = await collect(input.events());
  if (ordered === undefined) return undefined;
  const joined = joinActions(ordered, { window: config.loop.attributionWindowMinutes * 60_000, weights });
  const telling = ordered.filter(
    (event): event is Impression => event.kind === 'impression' && tells(joined.labelled.get(event)!),
  );
  if (telling.length < enough) {
    if (joined.labelled.size > 0)
      progress.note(
        `only ${telling.length} of ${joined.labelled.size} lists were acted upon in part; ${enough} are needed to learn from them`,
      );
    return undefined;
  }
  const examination = estimateExamination(joined.labelled);
  progress.note(
    examination === undefined
      ? 'the same item hardly ever stood at different places: no propensities could be estimated; the position is a feature, held constant in serving'
      : `places are looked at with probability ${examination.map((share) => share.toFixed(2)).join(' ')}, estimated from items that stood at several`,
  );
  const statistics = emptyStatistics(categoryFields(config.fields));
  if (examination !== undefined) statistics.examination = examination;

  const cutTimes = CUTS.map((share) => telling[Math.floor(share * telling.length)]!.occurredAt);
  const validationFrom = telling[Math.floor((1 - VALIDATION) * telling.length)]!.occurredAt;
  const vectorisers: Vectoriser[] = [];
  let propose: Propose | undefined;
  for (const cut of cutTimes) {
    const stageOne = await input.trainStageOne(upTo(interactions, cut), progress);
    const { models } = stageOne;
    propose = stageOne.propose;
    vectorisers.push(createVectoriser({ models, catalogue, fields: config.fields, weights, statistics }));
  }
  const { columns, hash } = vectorisers[0]!;

  const fitting = new ListCollector(columns.length);
  const validation = new ListCollector(columns.length);
  const served: { matrix: Float32Array; gains: Float32Array; positions: readonly number[]; request: string }[] = [];
  let done = 0;
  replay({ ordered, joined, statistics, input, weights }, (impression, list) => {
    done++;
    const block = cutTimes.filter((cut) => cut <= impression.occurredAt).length - 1;
    const vectoriser = vectorisers[block];
    if (vectoriser === undefined) return;
    const { gains, positions, ...context } = list;
    const collector = impression.occurredAt < validationFrom ? fitting : validation;
    collector.add(vectoriser.vectorise({ ...context, positions }), gains, gains.keys());
    if (collector === validation)
      served.push({ matrix: vectoriser.vectorise(context), gains, positions, request: impression.requestId });
    if (done % 100 === 0) progress.update(done, telling.length, 'lists replayed');
  });
  if (fitting.lists === 0) return undefined;

  const seed = config.training.seed;
  const fitted = await fitRanker(trainer, fitting.finish(), { seed, members: 1 }, progress);
  const lists: string[] = [];
  const ranked: number[] = [];
  const before: number[] = [];
  const logged: number[] = [];
  const scores: number[] = [];
  const acted: number[] = [];
  const byChampion: number[] = [];
  const challenger = scorer(trainer, fitted);
  const champion = championScorer(trainer, input.champion, hash);
  const retrieval = stageOneScorer(columns);
  for (const { matrix, gains, positions, request } of served) {
    const own = challenger(matrix);
    const fair = unbiased(gains, positions, statistics.examination);
    if (champion !== undefined) byChampion.push(ndcgOfOrder(byScore(champion(matrix)), fair));
    lists.push(request);
    ranked.push(ndcgOfOrder(byScore(own), fair));
    before.push(ndcgOfOrder(byScore(retrieval(matrix)), fair));
    logged.push(ndcgOfOrder([...gains.keys()], fair));
    own.forEach((score, i) => {
      scores.push(score);
      acted.push(gains[i]! > 0 ? 1 : 0);
    });
  }
  const split = { kind: 'time', at: validationFrom } as const;
  const results: MomentResult[] = [];
  if (propose !== undefined) {
    const options = { propose, vectoriser: vectorisers.at(-1)!, pool: config.serving.candidates, always: true };
    for await (const list of proposeLists(momentsOf(interactions, catalogue, split), options)) {
      results.push(momentResult(list, challenger(list.matrix), catalogue));
    }
  }
  const all = concatenate([fitting.finish(), validation.finish()]);
  const published = await fitRanker(trainer, all, { seed: seed + 100, members: MEMBERS }, progress);
  return {
    model: {
      id: rankerId(published.network),
      columns,
      featuresHash: hash,
      ...published,
      calibration: fitCalibration(Float32Array.from(scores), Uint8Array.from(acted)),
      taughtBy: 'impressions',
      statistics,
    },
    validation: {
      window: `lists shown in the last ${VALIDATION * 100} % of the log`,
      lists,
      ranked,
      before,
      logged,
      ...(champion === undefined ? {} : { champion: byChampion }),
      split,
      results,
    },
    lists: all.offsets.length - 1,
  };
}

/** All events in time order, or `undefined` where no list was shown. */
async function collect(events: AsyncIterable<EnrichedEvent>): Promise<EnrichedEvent[] | undefined> {
  const all: EnrichedEvent[] = [];
  let lists = 0;
  for await (const event of events) {
    all.push(event);
    if (event.kind === 'impression') lists++;
  }
  return lists === 0 ? undefined : inTimeOrder(all);
}

/** A list teaches where some of it was acted upon and some was not. */
const tells = (gains: Float32Array): boolean => gains.some((gain) => gain > 0) && gains.some((gain) => gain === 0);

type PastList = Parameters<Vectoriser['vectorise']>[0] & { readonly gains: Float32Array; readonly positions: readonly number[] };

interface Past {
  readonly ordered: readonly EnrichedEvent[];
  readonly joined: Joined;
  readonly statistics: ListStatistics;
  readonly input: TrainRankerInput;
  readonly weights: Readonly<Record<string, number>>;
}

/** Lives through the log, and stops before each telling list with what was known then. */
function replay(
  { ordered, joined, statistics, input, weights }: Past,
  visit: (impression: Impression, list: PastList) => void,
): void {
  const { catalogue, config } = input;
  const features = createStateFeatures(config.loop);
  const states: StateTable = new Map();
  let featureTime = ordered[0]?.occurredAt ?? 0;
  for (const event of ordered) {
    if (event.kind === 'impression') {
      const gains = joined.labelled.get(event)!;
      if (tells(gains)) visit(event, pastList(event, gains, { states, catalogue, featureTime }));
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
  }
}

function pastList(
  event: Impression,
  gains: Float32Array,
  known: { states: StateTable; catalogue: TrainRankerInput['catalogue']; featureTime: number },
): PastList {
  const actor: EntityKey = actorKey(event) ?? entityKey('session', '');
  const userState = known.states.get(actor);
  const history = historyOf(userState);
  const kept = event.items.map((_, i) => i).filter((i) => known.catalogue.ordinal(event.items[i]!.id) !== undefined);
  const candidates = kept.map((i) => {
    const { id } = event.items[i]!;
    const state = known.states.get(entityKey('item', id));
    const base = { id, ordinal: known.catalogue.ordinal(id)!, item: known.catalogue.get(id)!, hits: [] };
    return state === undefined ? base : { ...base, state };
  });
  const query = pastQuery({
    actor,
    history,
    at: known.featureTime,
    ...(userState === undefined ? {} : { userState }),
    route: event.route ?? 'recommend',
    ...(event.query === undefined ? {} : { text: event.query }),
    ...(event.context === undefined ? {} : { context: event.context }),
  });
  return {
    query,
    history,
    candidates,
    gains: Float32Array.from(kept, (i) => gains[i]!),
    positions: kept.map((i) => event.items[i]!.position),
  };
}

/**
 * Gains as they would be if every place were looked at alike: each over the probability that its place is (inverse propensity
 * scoring; Joachims et al. 2017), at most tenfold. Every list's figure is normalised by the same gains' best order.
 */
function unbiased(gains: Float32Array, positions: readonly number[], examination: readonly number[]): Float32Array {
  return gains.map((gain, i) => gain / Math.max(0.1, examination[positionBucket(positions[i]!)]!));
}

/** How stage one alone would order a list: by the ranks its sources give, in the shares they have of the pool. */
function stageOneScorer(columns: readonly string[]): (matrix: Float32Array) => Float32Array {
  const parts = [
    [columns.indexOf('retriever.inverseRank'), 0.5],
    [columns.indexOf('covisitation.inverseRank'), 0.5],
    [columns.indexOf('popularity.recent'), 1e-4],
  ] as const;
  return (matrix) =>
    Float32Array.from({ length: matrix.length / columns.length }, (_, row) =>
      parts.reduce((sum, [column, weight]) => sum + weight * matrix[row * columns.length + column]!, 0),
    );
}

function ndcgOfOrder(order: readonly number[], gains: Float32Array): number {
  const gained = (list: readonly number[]): number =>
    list.slice(0, 10).reduce((sum, row, place) => sum + gains[row]! / Math.log2(place + 2), 0);
  const ideal = gained([...gains.keys()].sort((a, b) => gains[b]! - gains[a]!));
  return ideal === 0 ? 0 : gained(order) / ideal;
}
