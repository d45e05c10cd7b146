import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Config } from '../../src/config/schema.ts';
import type { OverlaidCandidate, Query } from '../../src/domain/pipeline.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import { catalogueLanguage } from '../../src/text/catalogueLanguage.ts';
import type { SearchResult } from '../../src/text/hybridSearch.ts';
import { type FacetCount, facetCounts } from '../search/facets.ts';
import { createHighlighter } from '../search/highlight.ts';

/** What a search answers beside its list. */
export interface SearchAnswer {
  readonly facets: Readonly<Record<string, readonly FacetCount[]>>;
  readonly correctedQuery: string | null;
  readonly notice: string | null;
  readonly total: number;
  /** By item id: fields with the words marked. */
  readonly highlights: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export function createSearchAnswer(config: Pick<Config, 'fields' | 'userFields' | 'search'>) {
  const highlighters = new WeakMap<LoadedArtifact, ReturnType<typeof createHighlighter>>();
  const highlighterOf = (artifact: LoadedArtifact) => {
    const known = highlighters.get(artifact);
    if (known !== undefined) return known;
    const made = createHighlighter(config.fields, config.search.language ?? catalogueLanguage(artifact.catalogue));
    highlighters.set(artifact, made);
    return made;
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
    const highlight = highlighterOf(artifact)(query.text ?? '', found.correctedQuery);
    return {
      facets:
        facets.length === 0
          ? {}
          : await facetCounts({ catalogue, planner, environment: config, facets, filter, matching: found.matching }),
      correctedQuery: found.correctedQuery,
      notice: found.notice,
      total: found.total,
      highlights: new Map(page.map(({ item }) => [item.id, highlight(item)])),
    };
  };
}
