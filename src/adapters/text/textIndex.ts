import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { SearchConfig } from '../../config/schema.ts';
import { UserError } from '../../domain/errors.ts';
import type { FilterPlanner } from '../../filters/planner.ts';
import type { TextHit, TextIndex } from '../../ports/textIndex.ts';
import { createAnalyser } from '../../text/analyser.ts';
import { catalogueLanguage } from '../../text/catalogueLanguage.ts';
import { searchFields } from '../../text/itemText.ts';
import { type SearchSettings, searchSettings } from '../../text/settings.ts';
import { readSynonyms } from '../../text/synonyms.ts';
import { InvertedIndex, MOST_FIELDS } from './invertedIndex.ts';
import { createScorer } from './score.ts';
import { createSuggestions } from './suggestions.ts';
import { understand } from './understand.ts';

export interface TextIndexParts {
  readonly catalogue: Catalogue;
  readonly planner: FilterPlanner;
  readonly config: SearchConfig;
  readonly settings?: SearchSettings;
}

/** Hits that are read word by word, however few are asked for. */
const RESCORED = 100;

/** Items indexed before other work gets its turn. */
const SLICE = 250;

/**
 * Fielded full-text search in this process (see `docs/decisions/search.md` for why the scoring is the project's own). Builds
 * from what the catalogue holds, at once; changes are found by the next search.
 */
export function createTextIndex(parts: TextIndexParts): TextIndex {
  const index = emptyIndex(parts);
  for (const _ of addAll(index, parts.catalogue));
  return searchable(index, parts);
}

/** The same, letting requests be served while it builds. */
export async function openTextIndex(parts: TextIndexParts): Promise<TextIndex> {
  const index = emptyIndex(parts);
  for (const _ of addAll(index, parts.catalogue)) await new Promise((resume) => setImmediate(resume));
  return searchable(index, parts);
}

function emptyIndex({ catalogue, config }: TextIndexParts): InvertedIndex {
  const fields = searchFields(catalogue.fields);
  if (fields.length > MOST_FIELDS) {
    throw new UserError(`search reads at most ${MOST_FIELDS} fields, and ${fields.length} have a searchBoost`);
  }
  const fallback = config.language ?? catalogueLanguage(catalogue);
  return new InvertedIndex(fields, (field) => createAnalyser(field.language ?? fallback));
}

/** Stops after each slice, so that the caller may let other work go on. */
function* addAll(index: InvertedIndex, catalogue: Catalogue): Iterable<void> {
  let added = 0;
  for (const item of catalogue.items()) {
    const ordinal = catalogue.ordinal(item.id);
    if (ordinal !== undefined) index.add(item, ordinal);
    if (++added % SLICE === 0) yield;
  }
  index.pack();
}

function searchable(index: InvertedIndex, { catalogue, planner, config, settings = searchSettings }: TextIndexParts): TextIndex {
  const synonyms = readSynonyms(config.synonyms);
  const score = createScorer(index, settings);
  const suggest = createSuggestions(index, catalogue);
  return {
    async search(query, k, filter, onUnderstood) {
      const understood = understand(index, synonyms, query);
      onUnderstood?.(understood.meant);
      const plan = filter === undefined ? undefined : await planner.plan(filter).resolve();
      const keeps = (document: number): boolean => plan === undefined || plan.has(index.documents.ordinal(document));
      const found = score(understood, Math.max(k, RESCORED), keeps);
      const matching = index.documents.rowsOf(found.documents, catalogue.rows);
      const total = (plan === undefined ? matching : matching.clone().and(plan.bitset)).count();
      const hits = found.best.slice(0, k).flatMap(({ document, score: value, features }): TextHit[] => {
        const item = catalogue.at(index.documents.ordinal(document));
        return item === undefined ? [] : [{ id: item.id, score: value, features }];
      });
      const { quoted, relaxed } = found;
      const { corrected: correctedQuery, codes } = understood;
      return { hits, total, correctedQuery, codes, quoted, relaxed, matching };
    },
    async suggest(prefix, limit, filter) {
      const plan = filter === undefined ? undefined : planner.plan(filter);
      return suggest(prefix, limit, (ordinal) => plan === undefined || plan.has(ordinal));
    },
    async upsert(items) {
      for (const item of items) {
        const ordinal = catalogue.ordinal(item.id);
        if (ordinal === undefined) throw new Error(`item ${JSON.stringify(item.id)} is not in the catalogue`);
        index.add(item, ordinal);
      }
    },
    async remove(ids) {
      for (const id of ids) {
        const ordinal = catalogue.row(id);
        if (ordinal !== undefined) index.remove(ordinal);
      }
    },
    size: async () => index.documents.live,
    close: async () => {},
  };
}
