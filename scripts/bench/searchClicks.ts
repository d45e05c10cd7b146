import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cachedEncoder } from '../../src/adapters/encoders/cached.ts';
import { openThreadedEncoder } from '../../src/adapters/encoders/threaded.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { pairedEstimate } from '../../src/evaluation/bootstrap.ts';
import { type BenchCheck, type BenchReport, rounded } from './report.ts';
import { readCranfield } from './support/cranfield.ts';
import { mean } from './support/gradedMetrics.ts';
import { type Learned, learnFromClicks, type World } from './support/searchClicksWorld.ts';

/**
 * Searchers whose judgments are hidden click down the lists of Cranfield's queries; what the ranker of searches learns from that is
 * measured by the hidden judgments, on queries that came before and on queries that never did. Options: --cranfield FOLDER,
 * --searches N, --seed N, --cache FOLDER (vectors of texts, kept between runs).
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cranfield: { type: 'string', default: '../shared/data/cranfield' },
      searches: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      cache: { type: 'string' },
    },
  });
  const cache = values.cache ?? (await mkdtemp(join(tmpdir(), 'winnow-bench-search-clicks-')));
  const [searches, seed] = [Number(values.searches), Number(values.seed)];
  const encoder = cachedEncoder(await openThreadedEncoder({ kind: 'use-lite' }), cache);
  const { world, judgedBy, examination } = await learnFromClicks(await readCranfield(values.cranfield), encoder, {
    searches,
    seed,
  });
  const { untrained, corrected, uncorrected } = judgedBy;
  const row = (name: string, { ndcg }: Learned) => [
    name,
    rounded(mean(pick(ndcg, world, true)), 4),
    rounded(mean(pick(ndcg, world, false)), 4),
  ];
  return {
    name: 'search-clicks',
    title: 'Search: what clicks teach, by hidden judgments of Cranfield 1400',
    setup: { searches, seed, queries: world.queries.length, 'queries held back': pick(untrained.ndcg, world, false).length },
    columns: ['order', 'NDCG@10 of queries that were searched', 'NDCG@10 of queries that never were'],
    rows: [
      row('untrained relevance', untrained),
      row('learned from clicks', corrected),
      row('the same, places not corrected for', uncorrected),
    ],
    checks: [
      {
        ...gained('queries that were searched', pick(corrected.ndcg, world, true), pick(untrained.ndcg, world, true)),
        ...rises(pick(corrected.ndcg, world, true), pick(untrained.ndcg, world, true)),
      },
      {
        ...gained('all queries, a fifth of them new', corrected.ndcg, untrained.ndcg),
        ...rises(corrected.ndcg, untrained.ndcg),
      },
      {
        ...gained('queries that never were', pick(corrected.ndcg, world, false), pick(untrained.ndcg, world, false)),
        ...holds(pick(corrected.ndcg, world, false), pick(untrained.ndcg, world, false)),
      },
    ],
    notes: [
      examination,
      difference(
        'correcting for places, queries that were searched',
        pick(corrected.ndcg, world, true),
        pick(uncorrected.ndcg, world, true),
      ),
      difference(
        'correcting for places, queries that never were',
        pick(corrected.ndcg, world, false),
        pick(uncorrected.ndcg, world, false),
      ),
    ],
  };
}

/** Figures of the queries that were searched for, or of those held back. */
const pick = (figures: readonly number[], { searched }: World, wanted: boolean): number[] =>
  figures.filter((_, i) => searched(i) === wanted);

const interval = (after: readonly number[], before: readonly number[]) => pairedEstimate(after, before, seededRandom(1));

function gained(what: string, after: readonly number[], before: readonly number[]): Pick<BenchCheck, 'what' | 'measured'> {
  const { mean: gain, low, high } = interval(after, before);
  return {
    what: `NDCG@10 gained over the untrained relevance, ${what}`,
    measured: `${rounded(gain, 4)} (${rounded(low, 4)} to ${rounded(high, 4)})`,
  };
}

const rises = (after: readonly number[], before: readonly number[]) => ({
  expected: 'a 95 % interval above 0',
  passed: interval(after, before).low > 0,
});

const holds = (after: readonly number[], before: readonly number[]) => ({
  expected: 'a 95 % interval not below 0',
  passed: interval(after, before).high >= 0,
});

function difference(what: string, a: readonly number[], b: readonly number[]): string {
  const { mean: gain, low, high } = interval(a, b);
  return `${what}: NDCG@10 ${rounded(gain, 4)} (95 % between ${rounded(low, 4)} and ${rounded(high, 4)})`;
}
