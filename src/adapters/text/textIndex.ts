import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { SearchConfig } from '../../config/schema.ts';
import { UserError } from '../../domain/errors.ts';
import { Bitset } from '../../filters/bitset.ts';
import type { FilterPlanner } from '../../filters/planner.ts';
import type { TextHit, TextIndex } from '../../ports/textIndex.ts';
import { createAnalyser } from '../../text/analyser.ts';
import { searchFields, valueText } from '../../text/itemText.ts';
import { detectLanguage } from '../../text/language.ts';
import { type SearchSettings, searchSettings } from '../../text/settings.ts';
import { readSynonyms } from '../../text/synonyms.ts';
import { InvertedIndex, MOST_FIELDS } from './invertedIndex.ts';
import { createScorer } from './score.ts';
import { createSuggestions } from './suggestions.ts';

export interface TextIndexParts {
  readonly catalogue: Catalogue;
  readonly planner: FilterPlanner;
  readonly config: SearchConfig;
  readonly settings?: SearchSettings;
}

/** Texts that are read to tell the catalogue's language. */
const LANGUAGE_SAMPLE = 500;
/** Hits that are read word by word, however few are asked for. */
const RESCORED = 100;

/**
 * Fielded full-text search in this process (see `docs/decisions` for why the scoring is the project's own). Builds from what
 * the catalogue holds, a second for ten thousand items or so; changes are found by the next search.
 */
export function createTextIndex({ catalogue, planner, config, settings = searchSettings }: TextIndexParts): TextIndex {
  const fields = searchFields(catalogue.fields);
  if (fields.length > MOST_FIELDS)
    throw new UserError(`search reads at most ${MOST_FIELDS} fields, and ${fields.length} have a searchBoost`);
  const fallback = config.language ?? detectLanguage(sample(catalogue));
  const index = new InvertedIndex(fields, (field) => createAnalyser(field.language ?? fallback));
  for (const item of catalogue.items()) {
    const ordinal = catalogue.ordinal(item.id);
    if (ordinal !== undefined) index.add(item, ordinal);
  }
  index.pack();
  const score = createScorer(index, readSynonyms(config.synonyms), settings);
  const suggest = createSuggestions(index, catalogue);

  return {
    async search(query, k, filter) {
      const plan = filter === undefined ? undefined : await planner.plan(filter).resolve();
      const keeps = (document: number): boolean => {
        const ordinal = index.documents.ordinal(document);
        return catalogue.at(ordinal) !== undefined && (plan === undefined || plan.has(ordinal));
      };
      const found = score(query, Math.max(k, RESCORED), keeps);
      const matching = new Bitset(catalogue.rows);
      let total = 0;
      for (const document of found.documents) {
        const ordinal = index.documents.ordinal(document);
        if (catalogue.at(ordinal) === undefined) continue;
        matching.add(ordinal);
        if (plan === undefined || plan.has(ordinal)) total += 1;
      }
      const hits = found.best.slice(0, k).flatMap(({ document, score: value, features }): TextHit[] => {
        const item = catalogue.at(index.documents.ordinal(document));
        return item === undefined ? [] : [{ id: item.id, score: value, features }];
      });
      return { hits, total, correctedQuery: found.corrected, matching };
    },
    suggest: async (prefix, limit) => suggest(prefix, limit),
    async upsert(items) {
      for (const item of items) {
        const ordinal = catalogue.ordinal(item.id);
        if (ordinal === undefined) throw new Error(`item ${JSON.stringify(item.id)} is not in the catalogue`);
        index.add(item, ordinal);
      }
    },
    async remove(ids) {
      for (const id of ids) index.remove(id);
    },
    size: async () => index.documents.live,
    close: async () => {},
  };
}

/** Texts of items from all over the catalogue. */
function* sample(catalogue: Catalogue): Iterable<string> {
  const texts = searchFields(catalogue.fields).filter((field) => field.isText && field.language === undefined);
  const step = Math.max(1, Math.floor(catalogue.rows / LANGUAGE_SAMPLE));
  for (let ordinal = 0; ordinal < catalogue.rows; ordinal += step) {
    const item = catalogue.at(ordinal);
    if (item !== undefined) for (const { name } of texts) yield valueText(item.fields[name]);
  }
}
