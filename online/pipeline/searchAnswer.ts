import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Config } from '../../src/config/schema.ts';
import type { OverlaidCandidate, Query } from '../../src/domain/pipeline.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import { type Analyser, createAnalyser } from '../../src/text/analyser.ts';
import type { SearchResult } from '../../src/text/hybridSearch.ts';
import { itemText } from '../../src/text/itemText.ts';
import { detectLanguage } from '../../src/text/language.ts';
import { type FacetCount, facetCounts } from '../search/facets.ts';
import { highlight, queryWords } from '../search/highlight.ts';

/** What a search answers beside its list. */
export interface SearchAnswer {
  readonly facets: Readonly<Record<string, readonly FacetCount[]>>;
  readonly correctedQuery: string | null;
  readonly notice: string | null;
  readonly total: number;
  /** By item id: fields with the words marked. */
  readonly highlights: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Items read to tell the catalogue's language. */
const SAMPLE = 500;

export function createSearchAnswer(config: Pick<Config, 'fields' | 'userFields' | 'search'>) {
  const analysers = new WeakMap<LoadedArtifact, Analyser>();
  const analyserOf = (artifact: LoadedArtifact): Analyser => {
    const known = analysers.get(artifact);
    if (known !== undefined) return known;
    const analyser = createAnalyser(config.search.language ?? detectLanguage(sampleTexts(artifact)));
    analysers.set(artifact, analyser);
    return analyser;
  };
  return async (
    artifact: LoadedArtifact,
    query: Query,
    page: readonly OverlaidCandidate[],
    found: SearchResult | undefined,
    filter: ItemFilter,
    facets: readonly string[],
  ): Promise<SearchAnswer> => {
    if (found === undefined) {
      return {
        facets: {},
        correctedQuery: null,
        notice: 'Search is away; this is what is popular.',
        total: page.length,
        highlights: new Map(),
      };
    }
    const { catalogue, planner } = artifact;
    const analyser = analyserOf(artifact);
    const words = queryWords(query.text ?? '', found.correctedQuery, analyser);
    return {
      facets:
        facets.length === 0
          ? {}
          : await facetCounts({ catalogue, planner, environment: config, facets, filter, matching: found.matching }),
      correctedQuery: found.correctedQuery,
      notice: found.notice,
      total: found.total,
      highlights: new Map(page.map(({ item }) => [item.id, highlight(item, config.fields, words, analyser)])),
    };
  };
}

function* sampleTexts({ catalogue }: LoadedArtifact): Generator<string> {
  let count = 0;
  for (const item of catalogue.items()) {
    if (++count > SAMPLE) return;
    yield itemText(item, catalogue.fields);
  }
}
