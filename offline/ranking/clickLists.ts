import type { Progress } from '../../src/cli/progress.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { EnrichedEvent, Impression } from '../../src/domain/event.ts';
import { createClickCounter, isSearch } from '../../src/features/clickCounter.ts';
import type { QueryMemory } from '../../src/features/queryMemory.ts';
import type { ListStatistics } from '../../src/features/statistics.ts';
import type { RankerLists } from '../../src/ports/training.ts';
import type { Vectoriser } from '../../src/ranking/vectoriser.ts';
import { estimateExamination } from './examination.ts';
import { inTimeOrder, joinActions } from './join.ts';
import { ndcgOfOrder, unbiased } from './listMetrics.ts';
import { ListCollector } from './lists.ts';
import { byScore } from './places.ts';
import { replay, tells } from './replay.ts';
import type { Find } from './searchLists.ts';

/** Searches that were acted upon from which clicks teach. */
const ENOUGH = 200;
/** The latest of these are learned from; older ones only through what is remembered of queries. */
const MOST = 10_000;
/** The share of them, the latest, that validates. */
export const LATER = 0.2;

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

export interface ClickLists {
  readonly earlier: RankerLists;
  readonly later: RankerLists;
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
 * statistics, which the vectoriser reads, grow as it goes. Every row is made within all that stage one finds for the text, as
 * in serving; those of what was shown are taken. What was further down is no evidence against itself: nobody saw it, so
 * it is left out rather than counted as passed over. Items that do not answer the text, such as pinned ones, are left out too.
 * @returns `undefined` where too few searches were acted upon
 */
export async function collectClicks(
  { config, catalogue, events, find, progress }: ClickInput,
  { vectoriser, memory, statistics }: { vectoriser: Vectoriser; memory: QueryMemory; statistics: ListStatistics },
): Promise<ClickLists | undefined> {
  const weights = Object.fromEntries(Object.entries(config.eventTypes).map(([type, { weight }]) => [type, weight]));
  const window = config.loop.attributionWindowMinutes * 60_000;
  const ordered = inTimeOrder(events);
  const joined = joinActions(ordered, { window, weights });
  const searches = new Map([...joined.labelled].filter(([list]) => isSearch(list)));
  const telling = [...searches].filter(([, gains]) => tells(gains)).map(([list]) => list);
  if (telling.length < ENOUGH) {
    if (searches.size > 0)
      progress.note(`${telling.length} of ${searches.size} searches were acted upon in part; ${ENOUGH} are needed to learn from them`);
    return undefined;
  }
  const chosen = new Set<Impression>(telling.slice(-MOST));
  const validation = telling[Math.floor(telling.length - LATER * chosen.size)]!.occurredAt;
  tellPlaces(estimateExamination(searches), statistics, progress);
  const passed = createClickCounter(memory, { examination: statistics.examination, window, weights });
  const width = vectoriser.columns.length;
  const collected = { earlier: new ListCollector(width), later: new ListCollector(width), held: [] as HeldSearch[] };
  let done = 0;
  for (const moment of replay({ catalogue, loop: config.loop, weights, ordered, joined, statistics, passed })) {
    if (moment.kind !== 'shown' || !isSearch(moment.event) || !chosen.has(moment.event)) continue;
    if (++done % 100 === 0) progress.update(done, chosen.size, 'searches replayed');
    const { gains: shownGains, positions: shownAt, listOf, list: shown, event } = moment;
    const list = listOf(await find(event.query));
    const places = new Map(shown.candidates.map(({ id }, i) => [id, i]));
    const rows = list.candidates.flatMap(({ id }, row) => {
      const place = places.get(id);
      return place === undefined ? [] : [{ row, gain: shownGains[place]!, position: shownAt[place]!, standsFor: 1 }];
    });
    const gains = new Float32Array(list.candidates.length);
    const positions = list.candidates.map(() => 1);
    for (const { row, gain, position } of rows) {
      gains[row] = gain;
      positions[row] = position;
    }
    if (!tells(Float32Array.from(rows, ({ gain }) => gain))) continue;
    const late = event.occurredAt >= validation;
    (late ? collected.later : collected.earlier).add(vectoriser.vectorise({ ...list, positions }), gains, rows);
    if (!late) continue;
    const fair = unbiased(
      Float32Array.from(rows, ({ gain }) => gain),
      rows.map(({ position }) => position),
      statistics.examination,
    );
    const untrained = Float32Array.from(rows, ({ row }) => list.candidates[row]!.match?.['fused'] ?? 0);
    collected.held.push({
      at: event.occurredAt,
      matrix: takeRows(vectoriser.vectorise(list), rows, width),
      gains: fair,
      before: ndcgOfOrder(byScore(untrained), fair),
    });
  }
  return { earlier: collected.earlier.finish(), later: collected.later.finish(), held: collected.held };
}

function tellPlaces(examination: number[] | undefined, statistics: ListStatistics, progress: Progress): void {
  if (examination !== undefined) statistics.examination = examination;
  progress.note(
    examination === undefined
      ? 'answers to the same search hardly ever changed places: how much each place is looked at could not be estimated; the place is a feature, held constant in serving'
      : `places of searches are looked at with probability ${examination.map((share) => share.toFixed(2)).join(' ')}`,
  );
}

function takeRows(matrix: Float32Array, rows: readonly { readonly row: number }[], width: number): Float32Array {
  const taken = new Float32Array(rows.length * width);
  rows.forEach(({ row }, i) => {
    taken.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  });
  return taken;
}
