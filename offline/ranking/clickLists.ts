import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Progress } from '../../src/cli/progress.ts';
import { eventWeights } from '../../src/config/eventWeights.ts';
import type { Config } from '../../src/config/schema.ts';
import type { EnrichedEvent, Impression } from '../../src/domain/event.ts';
import { createClickCounter, isSearch } from '../../src/features/clickCounter.ts';
import type { RankingContext } from '../../src/features/feature.ts';
import type { QueryMemory } from '../../src/features/queryMemory.ts';
import { OWN_CLICKS } from '../../src/features/ranking/queryClicks.ts';
import type { ListStatistics } from '../../src/features/statistics.ts';
import type { RankerLists } from '../../src/ports/training.ts';
import type { Vectoriser } from '../../src/ranking/vectoriser.ts';
import { estimateExamination } from './examination.ts';
import { inTimeOrder, joinActions } from './join.ts';
import { ndcgOfOrder, unbiased } from './listMetrics.ts';
import { ListCollector } from './lists.ts';
import { byScore } from './places.ts';
import { type PastMoment, replay, tells } from './replay.ts';
import type { Find } from './searchLists.ts';

/** Searches that were acted upon from which clicks teach. */
export const ENOUGH_SEARCHES = 200;
/** The latest of these are learned from; older ones only through what is remembered of queries. */
const MOST = 10_000;
/** The share of them, the latest, that validates. */
const LATER = 0.2;

/** A search that validates: its shown items as they would serve, and what came of them. */
export interface HeldSearch {
  /** When it was shown, milliseconds. */
  readonly at: number;
  readonly matrix: Float32Array;
  /** Corrected for how much each place is looked at. */
  readonly gains: Float32Array;
  /** NDCG@10 in the order of the untrained relevance. */
  readonly before: number;
}

/** What one search teaches, twice: what was shown as it was shown, and all candidates as if nobody had searched for this before. */
export interface ClickRows {
  readonly shown: RankerLists;
  readonly fresh: RankerLists;
}

export interface ClickLists {
  readonly earlier: ClickRows;
  readonly later: ClickRows;
  readonly held: readonly HeldSearch[];
}

export interface ClickInput {
  readonly config: Pick<Config, 'eventTypes' | 'loop'>;
  readonly catalogue: Catalogue;
  /** The log's actions and impressions, in any order. */
  readonly events: readonly EnrichedEvent[];
  readonly find: Find;
  readonly progress: Progress;
}

/**
 * Searches as they were shown, each with what was known when it was: the log is lived through in time order, and memory and
 * statistics, which the vectoriser reads, grow as it goes. Rows are made within all that stage one finds for the text, as in
 * serving; items that do not answer the text, such as pinned ones, are left out.
 * @returns `undefined` where too few searches were acted upon
 */
export async function collectClicks(
  { config, catalogue, events, find, progress }: ClickInput,
  { vectoriser, memory, statistics }: { vectoriser: Vectoriser; memory: QueryMemory; statistics: ListStatistics },
): Promise<ClickLists | undefined> {
  const weights = eventWeights(config);
  const window = config.loop.attributionWindowMinutes * 60_000;
  const ordered = inTimeOrder(events);
  const joined = joinActions(ordered, { window, weights });
  const searches = new Map([...joined.labelled].filter(([list]) => isSearch(list)));
  const telling = [...searches].filter(([, gains]) => tells(gains)).map(([list]) => list);
  if (telling.length < ENOUGH_SEARCHES) {
    if (searches.size > 0)
      progress.note(
        `${telling.length} of ${searches.size} searches were acted upon in part; ${ENOUGH_SEARCHES} are needed to learn from them`,
      );
    return undefined;
  }
  const chosen = new Set<Impression>(telling.slice(-MOST));
  const validation = telling[Math.floor(telling.length - LATER * chosen.size)]!.occurredAt;
  tellPlaces(estimateExamination(searches), statistics, progress);
  const passed = createClickCounter(memory, { examination: statistics.examination, window, weights });
  const makeRows = createRowMaker(vectoriser, statistics.examination);
  const collectors = () => ({
    shown: new ListCollector(vectoriser.columns.length),
    fresh: new ListCollector(vectoriser.columns.length),
  });
  const [earlier, later] = [collectors(), collectors()];
  const held: HeldSearch[] = [];
  let done = 0;
  for (const moment of replay({ catalogue, loop: config.loop, weights, ordered, joined, statistics, passed })) {
    if (moment.kind !== 'shown' || !isSearch(moment.event) || !chosen.has(moment.event)) continue;
    if (++done % 100 === 0) progress.update(done, chosen.size, 'searches replayed');
    const late = moment.event.occurredAt >= validation;
    const one = makeRows(moment, moment.listOf(await find(moment.event.query)), late ? later : earlier);
    if (late && one !== undefined) held.push(one);
  }
  const finish = ({ shown, fresh }: ReturnType<typeof collectors>): ClickRows => ({
    shown: shown.finish(),
    fresh: fresh.finish(),
  });
  return { earlier: finish(earlier), later: finish(later), held };
}

/** Of what was not shown, so many rows, spread over all of it, stand for the rest. */
const UNSHOWN = 30;

/**
 * Makes the rows of one search, and it as it validates.
 *
 * As shown: the items of the page, with their places and all that was remembered of the query. Nobody saw what was further down,
 * so it is no part of that. But serving ranks all of it, mostly for queries of which little is remembered, and what the first ten
 * have in common says nothing of the two-hundredth. So the same search is taught a second time as a new query would meet it:
 * what was taken of this very query hidden, every candidate in it, and each click counted for as often as its place is overlooked
 * (inverse propensity; Joachims et al. 2017), as the places themselves are then unknown.
 */
function createRowMaker(vectoriser: Vectoriser, examination: readonly number[]) {
  const width = vectoriser.columns.length;
  const own = vectoriser.columns.flatMap((column, i) => (column.startsWith(OWN_CLICKS) ? [i] : []));
  return (
    { list: shown, gains: shownGains, positions: shownAt, event }: PastMoment & { kind: 'shown' },
    list: RankingContext,
    into: { readonly shown: ListCollector; readonly fresh: ListCollector },
  ): HeldSearch | undefined => {
    const places = new Map(shown.candidates.map(({ id }, i) => [id, i]));
    const gains = new Float32Array(list.candidates.length);
    const positions = new Array<number>(list.candidates.length);
    const [seen, unseen]: [number[], number[]] = [[], []];
    list.candidates.forEach(({ id }, row) => {
      const place = places.get(id);
      (place === undefined ? unseen : seen).push(row);
      gains[row] = place === undefined ? 0 : shownGains[place]!;
      positions[row] = place === undefined ? 1 : shownAt[place]!;
    });
    if (!tells(Float32Array.from(seen, (row) => gains[row]!))) return undefined;
    const rows = seen.map((row) => ({ row, standsFor: 1 }));
    into.shown.add(vectoriser.vectorise({ ...list, positions }), gains, rows);
    const served = vectoriser.vectorise(list);
    const held = {
      at: event.occurredAt,
      matrix: takeRows(served, seen, width),
      gains: unbiased(
        Float32Array.from(seen, (row) => gains[row]!),
        seen.map((row) => positions[row]!),
        examination,
      ),
    };
    for (let row = 0; row < gains.length; row++) for (const column of own) served[row * width + column] = 0;
    const spread = Array.from({ length: Math.min(UNSHOWN, unseen.length) }, (_, i) => ({
      row: unseen[Math.floor((i * unseen.length) / UNSHOWN)] ?? 0,
      standsFor: Math.max(1, unseen.length / UNSHOWN),
    }));
    into.fresh.add(served, unbiased(gains, positions, examination), [...rows, ...spread]);
    const untrained = Float32Array.from(seen, (row) => list.candidates[row]!.match?.fused ?? 0);
    return { ...held, before: ndcgOfOrder(byScore(untrained), held.gains) };
  };
}

function tellPlaces(examination: number[] | undefined, statistics: ListStatistics, progress: Progress): void {
  if (examination !== undefined) statistics.examination = examination;
  progress.note(
    examination === undefined
      ? 'answers to the same search hardly ever changed places: how much each place is looked at could not be estimated; the place is a feature, held constant in serving'
      : `places of searches are looked at with probability ${examination.map((share) => share.toFixed(2)).join(' ')}`,
  );
}

function takeRows(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const taken = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    taken.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  });
  return taken;
}
