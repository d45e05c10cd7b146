import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { FieldValue } from '../../src/domain/item.ts';
import type { Bitset } from '../../src/filters/bitset.ts';
import type { ExpressionEnvironment } from '../../src/filters/expression.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import type { FilterPlanner } from '../../src/filters/planner.ts';
import { withoutField } from './conjuncts.ts';

export interface FacetCount {
  readonly value: string | number | boolean;
  readonly count: number;
}

export interface FacetRequest {
  readonly catalogue: Catalogue;
  readonly planner: FilterPlanner;
  readonly environment: ExpressionEnvironment;
  /** Fields to count; each must be a facet of the catalogue. */
  readonly facets: readonly string[];
  readonly filter: ItemFilter;
  /** Rows that match the query, whatever the filter. */
  readonly matching: Bitset;
}

/** Values of a facet that are told, the most frequent first. */
const MOST_VALUES = 100;

/**
 * Counts of the matching items by value. What the filter says about a facet's own field is left out of its counts, so that a
 * shopper who chose one value sees what the others would add; everything else holds, policies always.
 * @throws UserError naming a field that is no facet
 */
export async function facetCounts(request: FacetRequest): Promise<Record<string, FacetCount[]>> {
  checkFacets(request.catalogue, request.facets);
  const counts: Record<string, FacetCount[]> = {};
  for (const facet of new Set(request.facets)) counts[facet] = await countOne(request, facet);
  return counts;
}

/** @throws UserError naming each field that is not there or not a facet, and those that are */
export function checkFacets(catalogue: Catalogue, facets: readonly string[]): void {
  const known = Object.keys(catalogue.fields).filter((name) => catalogue.fields[name]?.facet);
  const issues = facets
    .filter((facet) => !known.includes(facet))
    .map((facet) => {
      const why = Object.hasOwn(catalogue.fields, facet) ? 'is not a facet' : 'is not a field of the catalogue';
      return {
        path: 'facets',
        message: `${JSON.stringify(facet.slice(0, 80))} ${why}; facets are ${known.join(', ') || 'not configured'}`,
      };
    });
  const [first] = issues;
  if (first !== undefined) throw new UserError(first.message, { issues });
}

async function countOne(
  { catalogue, planner, environment, filter, matching }: FacetRequest,
  facet: string,
): Promise<FacetCount[]> {
  const plan = await planner.plan(withoutField(filter, facet, environment)).resolve();
  const counts = new Map<string | number | boolean, number>();
  matching.forEach((ordinal) => {
    const item = plan.has(ordinal) ? catalogue.at(ordinal) : undefined;
    for (const value of valuesOf(item?.fields[facet])) counts.set(value, (counts.get(value) ?? 0) + 1);
  });
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1))
    .slice(0, MOST_VALUES);
}

/** The values an item is counted under, each once. */
function valuesOf(value: FieldValue | undefined): Iterable<string | number | boolean> {
  if (value === undefined) return [];
  return typeof value === 'object' ? new Set(value) : [value];
}
