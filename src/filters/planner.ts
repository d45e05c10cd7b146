import { LRUCache } from 'lru-cache';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type Bitset, difference } from './bitset.ts';
import { satisfies } from './check.ts';
import type { Expression } from './expression.ts';
import type { Bindings, Constraint, ItemFilter } from './itemFilter.ts';
import { planExpression } from './plan/planExpression.ts';
import { FieldTable } from './plan/table.ts';

/** A filter, planned over the catalogue as it is now. */
export interface Plan {
  /** How many items it keeps; an upper bound unless `exact`. */
  readonly count: number;
  readonly exact: boolean;
  /** Rows that the filter may keep: exactly those it keeps when `exact`. Not to be changed. */
  readonly bitset: Bitset;
  /** Whether the filter keeps the item in a row; what could not be planned is evaluated here. */
  has(ordinal: number): boolean;
  /** The same filter with everything evaluated, in slices that let other work go on between them. */
  resolve(): Promise<Plan>;
}

export interface FilterPlanner {
  plan(filter: ItemFilter): Plan;
}

/** Rows a constraint surely keeps, and those it may keep. The same object where all is planned. */
interface Kept {
  sure: Bitset;
  maybe: Bitset;
}

interface CachedKept extends Kept {
  version: number;
}

/** Bytes of bitsets kept for constraints that come again. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** Milliseconds that a slice of row-by-row evaluation takes. */
const SLICE = 4;
/** Below this many rows to evaluate, a request does it for itself; above, the constraint is evaluated once for all. */
const FEW = 2_000;

/** Plans filters over a catalogue, following its changes. Building the columns takes about a microsecond an item and field. */
export function createPlanner(catalogue: Catalogue): FilterPlanner {
  const table = new FieldTable(catalogue);
  const cache = new LRUCache<string, CachedKept>({
    maxSize: CACHE_BYTES,
    sizeCalculation: (kept) => 256 + (kept.sure.words.byteLength + kept.maybe.words.byteLength) * 2,
  });
  const ids = new WeakMap<Expression, number>();
  let lastId = 0;
  const idOf = (expression: Expression): number => {
    let id = ids.get(expression);
    if (id === undefined) {
      id = ++lastId;
      ids.set(expression, id);
    }
    return id;
  };

  /** What a constraint's plan depends on beside the catalogue; `undefined` where it is the clock. */
  const cacheKey = (constraint: Constraint, bindings: Bindings): string | undefined => {
    const parts: unknown[] = [constraint.kind, bindings.userUnknown ?? false];
    for (const expression of expressionsOf(constraint)) {
      parts.push(idOf(expression));
      for (const name of expression.reads) {
        if (name === 'now') return undefined;
        if (!name.startsWith('item.')) parts.push(boundValue(name, bindings) ?? null);
      }
    }
    return JSON.stringify(parts);
  };

  const keptBy = (constraint: Constraint, bindings: Bindings): Kept => {
    const key = cacheKey(constraint, bindings);
    const cached = key === undefined ? undefined : cache.get(key);
    if (cached) {
      const changed = table.changedSince(cached.version);
      if (changed) {
        for (const row of changed) refresh(cached, row, constraint, bindings);
        cached.version = table.version;
        return cached;
      }
    }
    const kept = planConstraint(table, constraint, bindings);
    if (key !== undefined) cache.set(key, { ...kept, version: table.version });
    return kept;
  };

  const refresh = (kept: Kept, row: number, constraint: Constraint, bindings: Bindings): void => {
    const item = catalogue.at(row);
    const keep = item !== undefined && satisfies(constraint, bindings, item);
    for (const set of kept.sure === kept.maybe ? [kept.sure] : [kept.sure, kept.maybe]) {
      if (keep) set.add(row);
      else set.delete(row);
    }
  };

  /** Evaluates a constraint wherever its plan could not tell, and remembers it. */
  const settle = async (constraint: Constraint, bindings: Bindings): Promise<void> => {
    const key = cacheKey(constraint, bindings);
    const kept = keptBy(constraint, bindings);
    const { version } = table;
    const sure = kept.sure.clone();
    await evaluateRows(difference(kept.maybe, kept.sure).toArray(), (row) => {
      const item = catalogue.at(row);
      if (item && satisfies(constraint, bindings, item)) sure.add(row);
    });
    if (key !== undefined) cache.set(key, { sure, maybe: sure, version });
  };

  /** A request plans its filter once for each of its sources; what is exact stays so until the catalogue changes. */
  const exactPlans = new WeakMap<ItemFilter, { readonly version: number; readonly plan: Plan }>();

  const plan = (filter: ItemFilter): Plan => {
    const known = exactPlans.get(filter);
    if (known !== undefined && known.version === table.version) return known.plan;
    const made = makePlan(filter);
    if (made.exact) exactPlans.set(filter, { version: table.version, plan: made });
    return made;
  };

  const makePlan = (filter: ItemFilter): Plan => {
    const { bindings } = filter;
    const kepts = filter.constraints.map((constraint) => ({ constraint, kept: keptBy(constraint, bindings) }));
    const maybe = table.alive.clone();
    for (const { kept } of kepts) maybe.and(kept.maybe);
    for (const id of filter.excluded) {
      const row = catalogue.ordinal(id);
      if (row !== undefined) maybe.delete(row);
    }
    const open = kepts.filter(({ kept }) => kept.sure !== kept.maybe);
    if (open.length === 0) return exactPlan(maybe);
    const sure = maybe.clone();
    for (const { kept } of open) sure.and(kept.sure);

    const has = (row: number): boolean => {
      if (!maybe.has(row)) return false;
      if (sure.has(row)) return true;
      const item = catalogue.at(row);
      const keep = item !== undefined && open.every(({ constraint }) => satisfies(constraint, bindings, item));
      if (keep) sure.add(row);
      else maybe.delete(row);
      return keep;
    };
    return {
      count: maybe.count(),
      exact: false,
      bitset: maybe,
      has,
      async resolve() {
        const unsure = difference(maybe, sure).toArray();
        if (unsure.length > FEW && open.every(({ constraint }) => cacheKey(constraint, bindings) !== undefined)) {
          for (const { constraint } of open) await settle(constraint, bindings);
          return plan(filter);
        }
        await evaluateRows(unsure, has);
        return exactPlan(maybe);
      },
    };
  };
  return { plan };
}

function exactPlan(bitset: Bitset): Plan {
  const plan: Plan = {
    count: bitset.count(),
    exact: true,
    bitset,
    has: (row) => bitset.has(row),
    resolve: async () => plan,
  };
  return plan;
}

async function evaluateRows(rows: Uint32Array, visit: (row: number) => void): Promise<void> {
  let started = performance.now();
  for (let i = 0; i < rows.length; i++) {
    visit(rows[i] ?? 0);
    if (i % 64 === 63 && performance.now() - started > SLICE) {
      await new Promise((resume) => setImmediate(resume));
      started = performance.now();
    }
  }
}

function planConstraint(table: FieldTable, constraint: Constraint, bindings: Bindings): Kept {
  if (constraint.kind === 'keep') {
    const { yes, maybeYes } = planExpression(table, constraint.expression, bindings);
    return inTable(table, yes, maybeYes);
  }
  const deny = planExpression(table, constraint.deny, bindings);
  if (!constraint.when) return inTable(table, deny.no, deny.maybeNo);
  const when = planExpression(table, constraint.when, bindings);
  const sure = when.no.clone().or(deny.no);
  const exact = when.no === when.maybeNo && deny.no === deny.maybeNo;
  return inTable(table, sure, exact ? sure : when.maybeNo.clone().or(deny.maybeNo));
}

/** Copies, since columns hand out their own sets. */
function inTable(table: FieldTable, sure: Bitset, maybe: Bitset): Kept {
  const kept = sure.clone().and(table.alive);
  return { sure: kept, maybe: sure === maybe ? kept : maybe.clone().and(table.alive) };
}

const expressionsOf = (constraint: Constraint): readonly Expression[] =>
  constraint.kind === 'keep' ? [constraint.expression] : constraint.when ? [constraint.when, constraint.deny] : [constraint.deny];

function boundValue(name: string, bindings: Bindings): unknown {
  if (name.startsWith('user.')) {
    const field = name.slice('user.'.length);
    return Object.hasOwn(bindings.user, field) ? bindings.user[field] : undefined;
  }
  if (name === 'request.route') return bindings.request.route;
  if (name === 'request.scenario') return bindings.request.scenario;
  return bindings.request.context;
}
