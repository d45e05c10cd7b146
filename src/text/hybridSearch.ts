import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ItemId } from '../domain/item.ts';
import type { Candidate, SourceHit } from '../domain/pipeline.ts';
import { Bitset } from '../filters/bitset.ts';
import type { ItemFilter } from '../filters/itemFilter.ts';
import type { FilterPlanner } from '../filters/planner.ts';
import type { TextEncoder } from '../ports/models.ts';
import type { TextHit, TextIndex, TextResult } from '../ports/textIndex.ts';
import type { Neighbour, VectorIndex } from '../ports/vectorIndex.ts';
import { browse } from './browse.ts';
import { exactFirst, fuse, isExact, type SemanticSettings } from './fuse.ts';
import { semanticSettings } from './settings.ts';
import { tokenise } from './tokenise.ts';

export interface Semantic {
  /** Should remember queries: they repeat. */
  readonly encoder: TextEncoder;
  /** Over the encoder's unit vectors of the items. */
  readonly index: VectorIndex;
  /** How cosines are read; by default as fits the encoder. */
  readonly settings?: SemanticSettings;
}

export interface HybridSearchParts {
  readonly catalogue: Catalogue;
  readonly planner: FilterPlanner;
  readonly lexical: TextIndex;
  readonly semantic?: Semantic;
  /** Milliseconds after which the answer goes on without meaning. */
  readonly deadline: number;
  /** What orders a query without words: higher comes first. */
  readonly popularity?: (ordinal: number) => number;
  /** Told why meaning is left out. */
  readonly onFailure?: (part: string, error: unknown) => void;
}

export interface SearchResult {
  /** Best first, each with its `match`. */
  readonly candidates: readonly Candidate[];
  /** How many items match under the filter. */
  readonly total: number;
  readonly correctedQuery: string | null;
  /** What was relaxed so that there is an answer, for a person to read. */
  readonly notice: string | null;
  /** Catalogue rows of all that match, whatever the filter, for counting facets. */
  readonly matching: Bitset;
  /** `retrieve.semantic` where meaning was left out. */
  readonly degraded: readonly string[];
}

/** Candidates for what a person typed. @throws UnavailableError when the words cannot be looked up */
export type HybridSearch = (text: string, filter: ItemFilter, k: number) => Promise<SearchResult>;

/** Characters of a query that are read; more is nobody's typing, and would only keep the encoder from other requests. */
const LONGEST_QUERY = 2000;

/** Fewer neighbours than this make a poor scale for cosines. */
const LEAST_NEIGHBOURS = 100;

/**
 * Words and meaning, side by side. Both search for the repaired query. A text without a single word is a browse where it is
 * blank, and matches nothing where it is not.
 */
export function createHybridSearch(parts: HybridSearchParts): HybridSearch {
  const { catalogue, planner, lexical, semantic } = parts;
  return async (typed, filter, k) => {
    const text = typed.slice(0, LONGEST_QUERY);
    if (text.trim() === '') return browse(catalogue, await planner.plan(filter).resolve(), k, parts.popularity);
    // Encoders read capitals as other words.
    const isLoud = text === text.toUpperCase();
    const hasWords = tokenise(text).length > 0;
    let query: Promise<Float32Array | undefined> | undefined;
    const words = await lexical.search(text, k, filter, (meant) => {
      if (semantic !== undefined && hasWords && meant !== '')
        query = embedInTime(parts, semantic, isLoud ? meant.toLowerCase() : meant);
    });
    if (!hasWords) {
      return { ...answer(words), candidates: [], notice: 'The query has no word or number to search for.', degraded: [] };
    }
    const vector = await query;
    const meaning =
      semantic && vector && (await nearTo(parts, semantic, vector, filter, Math.max(k, LEAST_NEIGHBOURS), words.hits));
    const degraded = query !== undefined && meaning === undefined ? ['retrieve.semantic'] : [];
    return { ...merge(parts, words, meaning, k), degraded };
  };
}

interface Meaning {
  readonly neighbours: readonly Neighbour[];
  /** Cosines of what the words found, by item. */
  readonly cosines: ReadonlyMap<ItemId, number>;
}

/** The vector of what is meant, made while the words are looked up; `undefined` where that failed or was late. */
async function embedInTime(parts: HybridSearchParts, { encoder }: Semantic, text: string): Promise<Float32Array | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${parts.deadline} ms`)), parts.deadline);
  });
  try {
    const [query] = await Promise.race([encoder.embed([text]), late]);
    if (query === undefined) throw new Error('the text encoder gave no vector');
    return query;
  } catch (error) {
    parts.onFailure?.('semantic', error);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** The nearest items by meaning, and how near those are that the words found; `undefined` where that failed. */
async function nearTo(
  parts: HybridSearchParts,
  { index }: Semantic,
  query: Float32Array,
  filter: ItemFilter,
  k: number,
  found: readonly TextHit[],
): Promise<Meaning | undefined> {
  if (query.every((value) => value === 0)) return { neighbours: [], cosines: new Map() };
  try {
    const ids = found.map(({ id }) => id);
    const [neighbours, scores] = await Promise.all([index.search(query, k, filter), index.scores(query, ids)]);
    return { neighbours, cosines: new Map(ids.flatMap((id, i) => (scores[i] === undefined ? [] : [[id, scores[i]]]))) };
  } catch (error) {
    parts.onFailure?.('semantic', error);
    return undefined;
  }
}

const answer = (words: TextResult): Pick<SearchResult, 'total' | 'correctedQuery' | 'matching'> => ({
  total: words.total,
  correctedQuery: words.correctedQuery,
  matching: words.matching ?? new Bitset(0),
});

/** An item that was found, by words, by meaning or by both. */
interface Found {
  readonly id: ItemId;
  readonly ordinal: number;
  readonly lexical: number | undefined;
  readonly words: Readonly<Record<string, number>>;
  cosine: number | undefined;
  /** Places among what was found by words and by meaning, from 1; 0 where it is not. */
  readonly byWords: number;
  byMeaning: number;
}

const NO_WORDS = {};

function merge(
  parts: HybridSearchParts,
  words: TextResult,
  meaning: Meaning | undefined,
  k: number,
): Omit<SearchResult, 'degraded'> {
  const { catalogue, semantic } = parts;
  const settings = semantic?.settings ?? semanticSettings(semantic?.encoder.id);
  const found = new Map<ItemId, Found>();
  words.hits.forEach(({ id, score: lexical, features }, i) => {
    const ordinal = catalogue.ordinal(id);
    if (ordinal === undefined) return;
    found.set(id, { id, ordinal, lexical, words: features, cosine: meaning?.cosines.get(id), byWords: i + 1, byMeaning: 0 });
  });
  // A neighbour that shares no word must be near enough to be meant; one that does is ranked by it in any case.
  meaning?.neighbours.forEach(({ id, score: cosine }, i) => {
    const ordinal = catalogue.ordinal(id);
    if (ordinal === undefined) return;
    if (!words.matching?.has(ordinal) && (words.quoted === true || cosine < settings.match)) return;
    const known = found.get(id);
    if (known === undefined)
      found.set(id, { id, ordinal, lexical: undefined, words: NO_WORDS, cosine, byWords: 0, byMeaning: i + 1 });
    else {
      known.cosine = cosine;
      known.byMeaning = i + 1;
    }
  });
  const entries = [...found.values()];
  const scores = exactFirst(fuse(entries, settings), (i) => isExact(entries[i]?.words));
  const matching = words.matching?.clone() ?? new Bitset(catalogue.rows);
  let total = words.total;
  for (const { ordinal } of entries) {
    if (matching.has(ordinal)) continue;
    matching.add(ordinal);
    total += 1;
  }
  const order = [...entries.keys()].sort((a, b) => scores[b]! - scores[a]! || entries[a]!.ordinal - entries[b]!.ordinal);
  const candidates = order.slice(0, k).map((i): Candidate => {
    const entry = entries[i]!;
    const match = { fused: scores[i]!, cosine: entry.cosine ?? 0, words: entry.words };
    return { id: entry.id, ordinal: entry.ordinal, hits: hitsOf(entry), match };
  });
  return {
    candidates,
    total,
    matching,
    correctedQuery: words.correctedQuery,
    notice: candidates.length === 0 ? nothingNotice(words) : noticeOf(words),
  };
}

function hitsOf({ lexical, cosine, byWords, byMeaning }: Found): SourceHit[] {
  const hits: SourceHit[] = [];
  if (byWords > 0) hits.push({ source: 'lexical', score: lexical ?? 0, rank: byWords });
  if (byMeaning > 0) hits.push({ source: 'semantic', score: cosine ?? 0, rank: byMeaning });
  return hits;
}

/** Why there is nothing, where that can be said: of a code that is a letter off a person may think that it would be forgiven. */
const nothingNotice = ({ codes = [] }: TextResult): string | null =>
  codes.length === 0 ? null : `No item has ${codes.slice(0, 3).join(', ')}. Numbers and codes must be typed as they are.`;

/** What had to be given up for there to be an answer. */
function noticeOf({ total, relaxed }: TextResult): string | null {
  if (total === 0) return 'No item has these words; these are near in meaning.';
  if (relaxed === 'quotes') return 'No item has the words in quotes as they stand there; these have some of them.';
  return relaxed === 'words' ? 'No item has all of these words; these come nearest.' : null;
}
