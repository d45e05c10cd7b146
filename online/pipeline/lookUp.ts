import type { Expression } from '../../src/filters/expression.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import type { FilterPlanner } from '../../src/filters/planner.ts';
import type { LookUp } from '../rules/active.ts';

/**
 * Conditions that read nothing but the item are the same for everyone: where they hold is read off the planner's columns,
 * which follow the catalogue, instead of being evaluated for every candidate of every request.
 */
export function createLookUp(): (planner: FilterPlanner) => LookUp {
  const filters = new Map<Expression, ItemFilter | undefined>();
  const filterFor = (where: Expression): ItemFilter | undefined => {
    if (!filters.has(where)) filters.set(where, readsItemOnly(where) ? holding(where) : undefined);
    return filters.get(where);
  };
  return (planner) => (where) => {
    const filter = filterFor(where);
    const plan = filter && planner.plan(filter);
    return plan?.exact ? (ordinal) => plan.has(ordinal) : undefined;
  };
}

const readsItemOnly = ({ reads }: Expression): boolean => [...reads].every((name) => name.startsWith('item.'));

const holding = (expression: Expression): ItemFilter => ({
  constraints: [{ kind: 'keep', id: 'where', expression }],
  bindings: { user: {}, request: { route: '', scenario: '', context: {} }, now: 0 },
  excluded: new Set(),
});
