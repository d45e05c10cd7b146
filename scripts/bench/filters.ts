import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildHnswIndex, loadHnswIndex } from '../../src/adapters/hnsw/build.ts';
import { type BuiltIndex, createExactIndex } from '../../src/adapters/hnsw/exactIndex.ts';
import type { Filtering } from '../../src/adapters/hnsw/indexTable.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import type { Fields } from '../../src/domain/item.ts';
import type { ItemFilter } from '../../src/filters/itemFilter.ts';
import { parseExpression } from '../../src/filters/parse.ts';
import { createPlanner } from '../../src/filters/planner.ts';
import type { VectorIndex } from '../../src/ports/vectorIndex.ts';
import { type BenchReport, quantile, rounded } from './report.ts';
import { nearest } from './support/nearest.ts';
import { measureRefusals } from './support/refusals.ts';
import { makeVectorCatalogue, type QueryKind, type VectorCatalogue, vectorFields } from './support/vectors.ts';

const DIMENSIONS = 64;
const K = 100;
const SEED = 11;
/** Queries before the measured ones of each case: a service that has just started compiles its code first. */
const WARM_UP = 100;
const SELECTIVITIES = [1, 0.5, 0.1, 0.01, 0.001, 0.0001];

interface Case {
  readonly name: string;
  readonly selectivity: number;
  readonly queries: QueryKind;
  /** A filter of about that selectivity; `jitter` makes each query's another, so that no plan is remembered. */
  source(jitter: number): string;
  /** The same condition, written out. */
  keeps(fields: Fields, jitter: number): boolean;
  readonly bar: number;
}

const cases = SELECTIVITIES.flatMap((selectivity): Case[] => {
  const side = Math.sqrt(selectivity);
  const below = (field: string) => ({
    selectivity,
    source: (j: number) => `item.${field} < ${selectivity + j}`,
    keeps: (fields: Fields, j: number) => Number(fields[field]) < selectivity + j,
  });
  return [
    { ...below('u'), name: 'single field', queries: 'any', bar: 2 },
    {
      name: 'two fields, and',
      selectivity,
      queries: 'any',
      source: (j) => `item.u < ${side + j} && item.v < ${side}`,
      keeps: ({ u, v }, j) => Number(u) < side + j && Number(v) < side,
      bar: 2,
    },
    { ...below('near'), name: 'correlated', queries: 'near', bar: 2 },
    { ...below('near'), name: 'anti-correlated', queries: 'far', bar: 6 },
  ];
});

/**
 * Filtered nearest-neighbour search: parse, plan and search, each query with a filter of its own, against exact search.
 * Options: --items N, --queries N, --index exact for the exact index where a graph would be built, --cache FOLDER keeps what
 * was built for the next run.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      items: { type: 'string', default: '100000' },
      queries: { type: 'string', default: '200' },
      index: { type: 'string' },
      cache: { type: 'string' },
    },
  });
  const count = Number(values.items);
  const queries = Number(values.queries);
  const made = makeVectorCatalogue(count, DIMENSIONS, SEED);
  const catalogue = createCatalogue(vectorFields, made.items);
  const started = performance.now();
  const planner = createPlanner(catalogue);
  const columnsMs = performance.now() - started;
  const filtering = { catalogue, planner };
  const folder = values.cache && join(values.cache, `${count}x${DIMENSIONS}`);
  const buildStarted = performance.now();
  const index =
    folder && existsSync(join(folder, 'index.json'))
      ? await loadHnswIndex(folder, { filtering })
      : values.index === 'exact'
        ? await exactIndexOf(made, filtering)
        : await buildHnswIndex(made.entries, { dimensions: DIMENSIONS, filtering, seed: SEED });
  const buildS = (performance.now() - buildStarted) / 1000;
  if (folder && !existsSync(join(folder, 'index.json'))) {
    await mkdir(folder, { recursive: true });
    await index.save(folder);
  }
  const memoryMb = process.memoryUsage.rss() / 2 ** 20;
  const environment = { fields: vectorFields, userFields: {} };
  const filterOf = (source: string): ItemFilter => ({
    constraints: [{ kind: 'keep', id: 'filter', expression: parseExpression(source, environment) }],
    bindings: { user: {}, request: { route: 'recommend', scenario: '', context: {} }, now: 0 },
    excluded: new Set(),
  });
  const rows: (string | number | null)[][] = [];
  const checks: NonNullable<BenchReport['checks']>[number][] = [];
  for (const one of cases) {
    const measured = await measure(one, queries, made, filterOf, index);
    rows.push([
      one.name,
      `${one.selectivity * 100} %`,
      measured.kept,
      measured.recall,
      measured.p50,
      measured.p95,
      measured.cpuP50,
      measured.cpuP95,
    ]);
    const what = `${one.name} at ${one.selectivity * 100} %`;
    checks.push({ what: `${what}: recall@${K}`, expected: '≥ 0.99', measured: measured.recall, passed: measured.recall >= 0.99 });
    checks.push({
      what: `${what}: CPU p95`,
      expected: `≤ ${one.bar} ms`,
      measured: measured.cpuP95,
      passed: measured.cpuP95 <= one.bar,
    });
  }
  for (const { what, p50, p95, cpuP50, cpuP95 } of measureRefusals(environment)) {
    rows.push([`refused: ${what}`, null, null, null, p50, p95, cpuP50, cpuP95]);
    // Other work lengthens the wall clock's time, the collector's threads the processor's.
    const least = Math.min(p95, cpuP95);
    checks.push({ what: `refusing ${what}: p95`, expected: '≤ 5 ms', measured: least, passed: least <= 5 });
  }
  return {
    name: count === 100_000 ? 'filters' : `filters-${count}`,
    title: `Filtered search, the ${K} nearest of ${count} items`,
    setup: {
      items: count,
      dimensions: DIMENSIONS,
      queries,
      seed: SEED,
      index: index.kind,
      ...index.parameters,
      'recall at the build': index.recall,
      'build or load, s': rounded(buildS, 1),
      'columns, ms': rounded(columnsMs, 0),
      'memory with items, columns and index, MB': rounded(memoryMb, 0),
    },
    columns: ['filter', 'selectivity', 'items found', `recall@${K}`, 'p50 ms', 'p95 ms', 'CPU p50 ms', 'CPU p95 ms'],
    rows,
    checks: count === 100_000 ? checks : [],
    notes: [
      'Times are parse, plan and search together; no query has the filter of another.',
      'The bars are on CPU time, which is the time on one core of a machine that does nothing else.',
    ],
  };
}

async function exactIndexOf({ entries }: VectorCatalogue, filtering: Filtering): Promise<BuiltIndex> {
  const index = createExactIndex({ dimensions: DIMENSIONS, filtering });
  await index.upsert(entries);
  return index;
}

interface Measured {
  /** The most items that a query's answer had. */
  readonly kept: number;
  readonly recall: number;
  readonly p50: number;
  readonly p95: number;
  readonly cpuP50: number;
  readonly cpuP95: number;
}

async function measure(
  one: Case,
  queries: number,
  made: VectorCatalogue,
  filterOf: (source: string) => ItemFilter,
  index: VectorIndex,
): Promise<Measured> {
  const times: number[] = [];
  const cpuTimes: number[] = [];
  let found = 0;
  let wanted = 0;
  let kept = 0;
  for (let i = -WARM_UP; i < queries; i++) {
    const vector = made.query(one.queries);
    const jitter = (i + WARM_UP + 1) / (made.items.length * 1000);
    const source = one.source(jitter);
    const started = performance.now();
    const cpuStarted = process.cpuUsage();
    const neighbours = await index.search(vector, K, filterOf(source));
    const { user, system } = process.cpuUsage(cpuStarted);
    if (i < 0) continue;
    times.push(performance.now() - started);
    cpuTimes.push((user + system) / 1000);
    const expected = nearest(made, vector, K, (fields) => one.keeps(fields, jitter));
    wanted += expected.size;
    kept = Math.max(kept, expected.size);
    for (const { id } of neighbours) if (expected.has(id)) found++;
  }
  const at = (list: readonly number[], share: number): number =>
    rounded(
      quantile(
        [...list].sort((a, b) => a - b),
        share,
      ),
      3,
    );
  return {
    kept,
    recall: wanted === 0 ? 1 : rounded(found / wanted, 4),
    p50: at(times, 0.5),
    p95: at(times, 0.95),
    cpuP50: at(cpuTimes, 0.5),
    cpuP95: at(cpuTimes, 0.95),
  };
}
