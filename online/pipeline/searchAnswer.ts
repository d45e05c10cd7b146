import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Config } from '../../src/config/schema.ts';
import type { OverlaidCandidate, Query } from '../../src/domain/pipeline.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import type { FilterPlanner } from '../../src/filters/planner.ts';
import { catalogueLanguage } from '../../src/text/catalogueLanguage.ts';
import type { SearchResult } from '../../src/text/hybridSearch.ts';
import { readSynonyms } from '../../src/text/synonyms.ts';
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

/** Where only the request's own filter leaves nothing, how much there is without it, under the policies. */
async function withoutFilter(planner: FilterPlanner, { matching }: SearchResult, filter: ItemFilter): Promise<string | null> {
  const constraints = filter.constraints.filter(({ kind }) => kind === 'policy');
  if (constraints.length === filter.constraints.length) return null;
  const plan = await planner.plan({ ...filter, constraints }).resolve();
  let others = 0;
  matching.forEach((ordinal) => {
    if (plan.has(ordinal)) others += 1;
  });
  return others === 0 ? null : `Nothing that matches passes the filter; ${others} would match without it.`;
}

export function createSearchAnswer(config: Pick<Config, 'fields' | 'userFields' | 'search'>) {
  const synonyms = readSynonyms(config.search.synonyms);
  const highlighters = new WeakMap<LoadedArtifact, ReturnType<typeof createHighlighter>>();
  const highlighterOf = (artifact: LoadedArtifact) => {
    const known = highlighters.get(artifact);
    if (known !== undefined) return known;
    const language = config.search.language ?? catalogueLanguage(artifact.catalogue);
    const made = createHighlighter(config.fields, language, { synonyms });
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
      notice: (found.total > 0 ? null : await withoutFilter(planner, found, filter)) ?? found.notice,
      total: found.total,
      highlights: new Map(page.map(({ item }) => [item.id, highlight(item)])),
    };
  };
}
