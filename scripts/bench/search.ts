import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cachedEncoder } from '../../src/adapters/encoders/cached.ts';
import { openThreadedEncoder } from '../../src/adapters/encoders/threaded.ts';
import type { TextEncoder } from '../../src/ports/models.ts';
import { type BenchCheck, type BenchReport, rounded } from './report.ts';
import { type Collection, readCranfield } from './support/cranfield.ts';
import { mean } from './support/gradedMetrics.ts';
import { type LearnedRelevance, learnedRelevance } from './support/searchJudgments.ts';
import { chosenOnOtherHalf, type Measured, measureRelevance, typos, type Variant } from './support/searchRelevance.ts';
import { measureService, type Served, shopEncoder } from './support/searchService.ts';
import { measureSpeed, type Speed } from './support/searchSpeed.ts';

interface Bars {
  readonly ndcg: number;
  readonly recall: number;
}
/** Titles that the bars are about. */
const SHOP = 100_000;
const BARS: Bars = { ndcg: 0.385, recall: 0.78 };
const ONNX_BARS: Bars = { ndcg: 0.415, recall: 0.8 };

/**
 * Relevance on Cranfield (whole, each half of the queries, and with a slip in each query) and speed on made-up titles; of
 * another number of titles than 100,000 the speed alone, written to a file of its own.
 * Options: --cranfield FOLDER, --onnx FOLDER, --titles N, --encoder none (a service that searches by words alone), --seconds N
 * of load over HTTP (0: none), --cache FOLDER (vectors of texts, kept between runs).
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cranfield: { type: 'string', default: '../shared/data/cranfield' },
      onnx: { type: 'string' },
      titles: { type: 'string', default: String(SHOP) },
      encoder: { type: 'string', default: 'use-lite' },
      seconds: { type: 'string', default: '10' },
      cache: { type: 'string' },
    },
  });
  const cache = values.cache ?? (await mkdtemp(join(tmpdir(), 'winnow-bench-search-')));
  const titles = Number(values.titles);
  const speed = await measureSpeed(titles, 1);
  const seconds = Number(values.seconds);
  const served = seconds > 0 ? await measureService(titles, seconds, shopEncoder.parse(values.encoder)) : undefined;
  if (titles !== SHOP) return speedReport(titles, speed, served);
  const collection = await readCranfield(values.cranfield);
  const slips = typos(collection, 1);

  const rows: (string | number)[][] = [];
  const checks: BenchCheck[] = [];
  const measure = async (name: string, encoder: TextEncoder | undefined, bars?: Bars, variant: Variant = {}): Promise<void> => {
    const kept = encoder === undefined ? undefined : cachedEncoder(encoder, cache);
    const clean = await measureRelevance(collection, kept, variant);
    const slipped = await measureRelevance(slips, kept, variant);
    rows.push(row(name, clean, slipped));
    if (bars !== undefined) checks.push(...relevanceChecks(name, clean, bars));
  };
  await measure('words', undefined);
  const bundled = await openThreadedEncoder({ kind: 'use-lite' });
  await measure('words and meaning (default install)', bundled, BARS);
  await measure('the same, vectors in 96 dimensions', bundled, undefined, { projected: true });
  const encodeMilliseconds = await timeEncoder(bundled, collection);
  const [even, odd] = await chosenOnOtherHalf(collection, cachedEncoder(bundled, cache));
  const learned = await learnedRelevance(collection, cachedEncoder(bundled, cache));
  rows.push(learnedRow(learned));
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
    checks: [
      ...checks,
      halvesCheck(even, odd),
      learnedCheck(learned),
      ...speedChecks(titles, speed),
      ...(served === undefined ? [] : serviceChecks(titles, served)),
    ],
    notes: [
      'gain 2^grade − 1, unjudged documents count 0; even and odd are the halves of the queries by their place',
      'the slip is one letter left out, put in, replaced or swapped, in one word of five letters or more of each query',
      `${titles} titles: lexical index built in ${rounded(speed.buildSeconds, 1)} s of processor time, ${rounded(speed.megabytes, 0)} MB more resident; text vectors not included`,
      `the bundled encoder takes ${rounded(encodeMilliseconds, 1)} ms a title of the collection, by the wall clock and on all cores`,
      ...(served === undefined ? [] : serviceNotes(titles, served)),
      `by the wall clock: lexical query p50 ${rounded(speed.search.wall.p50)} ms, p99 ${rounded(speed.search.wall.p99)} ms; completion p50 ${rounded(speed.suggest.wall.p50)} ms, p99 ${rounded(speed.suggest.wall.p99)} ms; ${speed.queries} queries one after another`,
    ],
  };
}

const row = (name: string, clean: readonly Measured[], slipped: readonly Measured[]): (string | number)[] => {
  const half = (rest: number): number => rounded(mean(clean.filter((_, i) => i % 2 === rest).map(({ ndcg }) => ndcg)), 4);
  const all = (measured: readonly Measured[], key: 'ndcg' | 'recall'): number =>
    rounded(mean(measured.map((one) => one[key])), 4);
  return [name, all(clean, 'ndcg'), all(clean, 'recall'), half(0), half(1), all(slipped, 'ndcg'), all(slipped, 'recall')];
};

const learnedRow = ({ ranked }: LearnedRelevance): (string | number)[] => {
  const half = (rest: number): number => rounded(mean(ranked.filter((_, i) => i % 2 === rest)), 4);
  return [
    'default install, ranked by what judgments of other queries teach',
    rounded(mean(ranked), 4),
    '',
    half(0),
    half(1),
    '',
    '',
  ];
};

function learnedCheck({ difference: { mean: gain, low, high } }: LearnedRelevance): BenchCheck {
  return {
    what: 'judgments: NDCG@10 gained over the untrained relevance, five folds by query',
    expected: 'a 95 % interval above 0',
    measured: `${rounded(gain, 4)} (${rounded(low, 4)} to ${rounded(high, 4)})`,
    passed: low > 0,
  };
}

function relevanceChecks(name: string, measured: readonly Measured[], bars: Bars): BenchCheck[] {
  const ndcg = rounded(mean(measured.map((one) => one.ndcg)), 4);
  const recall = rounded(mean(measured.map((one) => one.recall)), 4);
  return [
    { what: `${name}: NDCG@10`, expected: `≥ ${bars.ndcg}`, measured: ndcg, passed: ndcg >= bars.ndcg },
    { what: `${name}: Recall@100`, expected: `≥ ${bars.recall}`, measured: recall, passed: recall >= bars.recall },
  ];
}

function speedReport(titles: number, speed: Speed, served: Served | undefined): BenchReport {
  const row = (what: string, p50: number, p99: number): (string | number)[] => [what, rounded(p50), rounded(p99)];
  const encoder = served?.encoder ?? 'none';
  return {
    name: `search-${titles}${encoder === 'none' ? '-words' : ''}`,
    title: `Search: speed on ${titles} made-up titles`,
    setup: { titles, seed: 1, threads: 1, encoder },
    columns: ['milliseconds', 'p50', 'p99'],
    rows: [
      row('lexical query, one thread', speed.search.thread.p50, speed.search.thread.p99),
      row('completion, one thread', speed.suggest.thread.p50, speed.suggest.thread.p99),
      ...(served === undefined
        ? []
        : [row('/search over HTTP', served.p50, served.p99), row('/suggest over HTTP', served.suggestP50, served.suggestP99)]),
    ],
    notes: [
      `lexical index built in ${rounded(speed.buildSeconds, 1)} s of processor time, ${rounded(speed.megabytes, 0)} MB more resident`,
      ...(served === undefined ? [] : serviceNotes(titles, served)),
    ],
  };
}

function speedChecks(titles: number, speed: Speed): BenchCheck[] {
  const check = (what: string, most: number, measured: number): BenchCheck => ({
    what: `${titles} titles: ${what}`,
    expected: `≤ ${most}`,
    measured: rounded(measured),
    passed: measured <= most,
  });
  return [
    check('lexical build, s of processor time', 60, speed.buildSeconds),
    check('lexical query p50, ms of one thread', 2, speed.search.thread.p50),
    check('lexical query p99, ms of one thread', 10, speed.search.thread.p99),
    check('completion p50, ms of one thread', 3, speed.suggest.thread.p50),
    check('completion p99, ms of one thread', 3, speed.suggest.thread.p99),
  ];
}

const halvesCheck = (even: number, odd: number): BenchCheck => ({
  what: 'NDCG@10 of each half of the queries, shares of meaning and 4-grams chosen on the other',
  expected: `≥ ${BARS.ndcg}`,
  measured: `${rounded((even + odd) / 2, 4)} (even ${rounded(even, 4)}, odd ${rounded(odd, 4)})`,
  passed: (even + odd) / 2 >= BARS.ndcg,
});

function serviceChecks(titles: number, served: Served): BenchCheck[] {
  const check = (what: string, most: number, measured: number): BenchCheck => ({
    what: `${titles} titles over HTTP: ${what}`,
    expected: `≤ ${most}`,
    measured: rounded(measured),
    passed: measured <= most,
  });
  return [
    check('/search p99, ms', 25, served.p99),
    check('/suggest p50, ms', 3, served.suggestP50),
    check('resident memory of the service, MB', 400, served.megabytes),
  ];
}

const serviceNotes = (titles: number, served: Served): string[] => [
  `over HTTP, one client, queries of which most are new: /search p50 ${served.p50} ms, p99 ${served.p99} ms, ${rounded(served.cpuMilliseconds)} ms of processor time each ${served.encoder === 'none' ? 'by words alone' : 'with the encoder'}; /suggest p50 ${served.suggestP50} ms, p99 ${served.suggestP99} ms; ${rounded(served.megabytes, 0)} MB resident`,
  `build-index of ${titles} titles: ${rounded(served.buildSeconds, 1)} s${served.encoder === 'none' ? ', words alone' : ', without encoding them (their vectors are made up)'}`,
];

const ENCODED = 300;

/** Milliseconds a title, the encoder's threads being awake. */
async function timeEncoder(encoder: TextEncoder, { items }: Collection): Promise<number> {
  const titles = items.slice(0, ENCODED).map(({ fields }) => fields.title);
  await encoder.embed(titles);
  const started = performance.now();
  await encoder.embed(titles);
  return (performance.now() - started) / titles.length;
}
