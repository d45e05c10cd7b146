import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { EligibleCandidate, HistoryEntry } from '../../src/domain/pipeline.ts';
import type { Random } from '../../src/domain/random.ts';
import type { Vectoriser } from '../../src/ranking/vectoriser.ts';
import { type Interactions, selectEntries } from '../../src/retrieval/interactions.ts';
import { type ListCollector, type SampledRow, wholeList } from './lists.ts';
import { pastQuery } from './query.ts';

/** What serving's stage one would propose to a history, best first, without the excluded ordinals. */
export type Propose = (
  history: readonly HistoryEntry[],
  k: number,
  excluded: ReadonlySet<number>,
) => Promise<readonly EligibleCandidate[]>;

/** One moment of a person's history: what they had done, and what they did next. */
export interface Moment {
  readonly actor: string;
  readonly history: readonly HistoryEntry[];
  readonly seen: ReadonlySet<number>;
  readonly target: number;
  readonly at: number;
}

/**
 * The moment before each actor's `back`-th entry from the end (1 is the last). Only entries of positive weight count, and
 * only new items can be targets, as seen ones are not proposed.
 */
export function* momentsBefore(interactions: Interactions, catalogue: Pick<Catalogue, 'at'>, back: number): Generator<Moment> {
  const { actors, offsets, items, times, types, typeNames } = interactions;
  for (let a = 0; a < actors.length; a++) {
    const at = momentAt(interactions, a, back);
    if (at <= offsets[a]!) continue;
    const seen = new Set<number>();
    const history: HistoryEntry[] = [];
    for (let i = offsets[a]!; i < at; i++) {
      seen.add(items[i]!);
      const item = catalogue.at(items[i]!);
      if (item !== undefined) history.push({ itemId: item.id, type: typeNames[types[i]!]!, at: times[i]! });
    }
    if (history.length === 0 || seen.has(items[at]!)) continue;
    yield { actor: actors[a]!, history, seen, target: items[at]!, at: times[at]! };
  }
}

/** The first new item that each actor turned to from one time on and before another, and what they had done before that. */
export function* momentsAfter(
  interactions: Interactions,
  catalogue: Pick<Catalogue, 'at'>,
  time: number,
  until = Number.POSITIVE_INFINITY,
): Generator<Moment> {
  const { actors, offsets, items, times, types, typeNames, weights } = interactions;
  for (let a = 0; a < actors.length; a++) {
    const seen = new Set<number>();
    const history: HistoryEntry[] = [];
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      const item = items[i]!;
      if (times[i]! >= until) break;
      if (times[i]! < time) {
        seen.add(item);
        const known = catalogue.at(item);
        if (known !== undefined) history.push({ itemId: known.id, type: typeNames[types[i]!]!, at: times[i]! });
      } else if (weights[i]! > 0 && !seen.has(item)) {
        yield { actor: actors[a]!, history, seen, target: item, at: times[i]! };
        break;
      }
    }
  }
}

/** The moments of a split: before each actor's last item, or the first new item from a time on. */
export const momentsOf = (interactions: Interactions, catalogue: Pick<Catalogue, 'at'>, split: Split): Generator<Moment> =>
  split.kind === 'last' ? momentsBefore(interactions, catalogue, 1) : momentsAfter(interactions, catalogue, split.at);

/** How the log is divided into what is known and what is to be predicted. */
export type Split =
  | {
      readonly kind: 'last';
      /** How many of each person's last items stage one did not learn from; default 1, the target alone. */
      readonly unlearned?: number | undefined;
    }
  | {
      readonly kind: 'time';
      readonly at: number;
      /** Up to when stage one learned; default up to the split. */
      readonly learnedUntil?: number | undefined;
    };

export interface ProposedList {
  readonly moment: Moment;
  readonly candidates: readonly EligibleCandidate[];
  /** Place of the target among the candidates, -1 where stage one missed it. */
  readonly targetAt: number;
  /** The vectoriser's rows of all candidates; empty where the target is not among them, unless they were asked for. */
  readonly matrix: Float32Array;
}

/** Runs stage one and the vectoriser as serving would have at each moment. */
export async function* proposeLists(
  moments: Iterable<Moment>,
  options: { propose: Propose; vectoriser: Vectoriser; pool: number; always?: boolean },
): AsyncGenerator<ProposedList> {
  for (const moment of moments) {
    const candidates = await options.propose(moment.history, options.pool, moment.seen);
    const targetAt = candidates.findIndex((candidate) => candidate.ordinal === moment.target);
    const query = pastQuery(moment);
    const matrix =
      targetAt < 0 && options.always !== true
        ? new Float32Array(0)
        : options.vectoriser.vectorise({ query, history: moment.history, candidates });
    yield { moment, candidates, targetAt, matrix };
  }
}

/** Of the top of the list, rows are always kept; of the rest, as many by chance as there is room for. */
const ALWAYS = 40;

/** Adds the lists in which the target was proposed to a collector, with at most `rows` candidates each. */
export async function collectLists(
  lists: AsyncIterable<ProposedList>,
  collector: ListCollector,
  options: { rows: number; random: Random; onList?: (count: number) => void },
): Promise<void> {
  let count = 0;
  for await (const { candidates, targetAt, matrix } of lists) {
    options.onList?.(++count);
    if (targetAt < 0) continue;
    const gains = new Uint8Array(candidates.length);
    gains[targetAt] = 1;
    collector.add(matrix, gains, sampleRows(candidates.length, targetAt, options.rows, options.random));
  }
}

/**
 * Rows to teach of a list: the target, the top, and of the rest as many by chance as there is room for, which stand for all of
 * the rest.
 */
export function sampleRows(size: number, target: number, rows: number, random: Random): SampledRow[] {
  if (size <= rows) return wholeList(size);
  const top = Math.min(ALWAYS, Math.floor(0.7 * rows));
  const chosen = wholeList(top);
  if (target >= top) chosen.push({ row: target, standsFor: 1 });
  const rest = Array.from({ length: size - top }, (_, i) => top + i).filter((i) => i !== target);
  const standsFor = rest.length / (rows - chosen.length);
  for (let i = 0; chosen.length < rows; i++) {
    const pick = i + Math.floor(random() * (rest.length - i));
    chosen.push({ row: rest[pick]!, standsFor });
    rest[pick] = rest[i]!;
  }
  return chosen;
}

/** The interactions before each actor's moment `back` entries from the end: what stage one may learn from to be asked about it. */
export function beforeMoments(interactions: Interactions, back: number): Interactions {
  return selectEntries(interactions, (actor) => Math.max(0, momentAt(interactions, actor, back) - interactions.offsets[actor]!));
}

/** Where an actor's `back`-th entry of positive weight from the end is; before the first where there are fewer. */
function momentAt({ offsets, weights }: Interactions, actor: number, back: number): number {
  let at = offsets[actor + 1]! - 1;
  for (let left = back; at >= offsets[actor]!; at--) if (weights[at]! > 0 && --left === 0) break;
  return at;
}
