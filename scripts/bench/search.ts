import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cachedEncoder } from '../../src/adapters/encoders/cached.ts';
import { openThreadedEncoder } from '../../src/adapters/encoders/threaded.ts';
import type { TextEncoder } from '../../src/ports/models.ts';
import { type BenchCheck, type BenchReport, rounded } from './report.ts';
import { readCranfield } from './support/cranfield.ts';
import { mean } from './support/gradedMetrics.ts';
import { type Measured, measureRelevance, typos } from './support/searchRelevance.ts';
import { measureSpeed, type Speed } from './support/searchSpeed.ts';

interface Bars {
  readonly ndcg: number;
  readonly recall: number;
}
const BARS: Bars = { ndcg: 0.385, recall: 0.78 };
const ONNX_BARS: Bars = { ndcg: 0.415, recall: 0.8 };

/**
 * Relevance on Cranfield (whole, each half of the queries, and with a slip in each query) and speed on made-up titles.
 * Options: --cranfield FOLDER, --onnx FOLDER, --titles N, --cache FOLDER (vectors of texts, kept between runs).
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cranfield: { type: 'string', default: '../shared/data/cranfield' },
      onnx: { type: 'string' },
      titles: { type: 'string', default: '100000' },
      cache: { type: 'string' },
    },
  });
  const cache = values.cache ?? (await mkdtemp(join(tmpdir(), 'winnow-bench-search-')));
  const titles = Number(values.titles);
  const speed = await measureSpeed(titles, 1);
  const collection = await readCranfield(values.cranfield);
  const slips = typos(collection, 1);

  const rows: (string | number)[][] = [];
  const checks: BenchCheck[] = [];
  const measure = async (name: string, encoder: TextEncoder | undefined, bars?: Bars): Promise<void> => {
    const kept = encoder === undefined ? undefined : cachedEncoder(encoder, cache);
    const clean = await measureRelevance(collection, kept);
    const slipped = await measureRelevance(slips, kept);
    rows.push(row(name, clean, slipped));
    if (bars !== undefined) checks.push(...relevanceChecks(name, clean, bars));
  };
  await measure('words', undefined);
  await measure('words and meaning (default install)', await openThreadedEncoder({ kind: 'use-lite' }), BARS);
  if (values.onnx !== undefined)
    await measure(
      'words and meaning (ONNX encoder)',
      await openThreadedEncoder({ kind: 'onnx', folder: values.onnx }),
      ONNX_BARS,
    );

  return {
    name: 'search',
    title: 'Search: relevance on Cranfield 1400, speed on made-up titles',
    setup: { titles, seed: 1, queries: collection.queries.length, threads: 1 },
    columns: ['search', 'NDCG@10', 'Recall@100', 'NDCG@10 even', 'NDCG@10 odd', 'NDCG@10 with a slip', 'Recall@100 with a slip'],
    rows,
    checks: [...checks, ...speedChecks(titles, speed)],
    notes: [
      'gain 2^grade − 1, unjudged documents count 0; even and odd are the halves of the queries by their place',
      'the slip is one letter left out, put in, replaced or swapped, in one word of five letters or more of each query',
      `${titles} titles: lexical index built in ${rounded(speed.buildSeconds, 1)} s of processor time, ${rounded(speed.megabytes, 0)} MB more resident; text vectors not included`,
      `lexical query p50 ${rounded(speed.p50)} ms, p99 ${rounded(speed.p99)} ms; completion p50 ${rounded(speed.suggestP50)} ms, p99 ${rounded(speed.suggestP99)} ms; ${speed.queries} queries one after another`,
    ],
  };
}

const row = (name: string, clean: readonly Measured[], slipped: readonly Measured[]): (string | number)[] => {
  const half = (rest: number): number => rounded(mean(clean.filter((_, i) => i % 2 === rest).map(({ ndcg }) => ndcg)), 4);
  const all = (measured: readonly Measured[], key: 'ndcg' | 'recall'): number =>
    rounded(mean(measured.map((one) => one[key])), 4);
  return [name, all(clean, 'ndcg'), all(clean, 'recall'), half(0), half(1), all(slipped, 'ndcg'), all(slipped, 'recall')];
};

function relevanceChecks(name: string, measured: readonly Measured[], bars: Bars): BenchCheck[] {
  const ndcg = rounded(mean(measured.map((one) => one.ndcg)), 4);
  const recall = rounded(mean(measured.map((one) => one.recall)), 4);
  return [
    { what: `${name}: NDCG@10`, expected: `≥ ${bars.ndcg}`, measured: ndcg, passed: ndcg >= bars.ndcg },
    { what: `${name}: Recall@100`, expected: `≥ ${bars.recall}`, measured: recall, passed: recall >= bars.recall },
  ];
}

function speedChecks(titles: number, speed: Speed): BenchCheck[] {
  if (titles > 100_000) return [];
  const check = (what: string, most: number, measured: number): BenchCheck => ({
    what: `${titles} titles: ${what}`,
    expected: `≤ ${most}`,
    measured: rounded(measured),
    passed: measured <= most,
  });
  return [
    check('lexical build, s', 60, speed.buildSeconds),
    check('lexical query p50, ms', 2, speed.p50),
    check('lexical query p99, ms', 10, speed.p99),
    check('completion p50, ms', 3, speed.suggestP50),
  ];
}
