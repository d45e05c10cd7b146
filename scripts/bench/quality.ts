import { parseArgs } from 'node:util';
import { beforeMoments, type Moment, momentsBefore, proposeLists } from '../../offline/ranking/interactionLists.ts';
import { momentResult, placeOf } from '../../offline/ranking/places.ts';
import { pastQuery } from '../../offline/ranking/query.ts';
import { evaluate } from '../../offline/stages/evaluate.ts';
import { createProposer } from '../../offline/stages/stageOne.ts';
import { trainRanker } from '../../offline/stages/trainRanker.ts';
import { trainRetrieval } from '../../offline/stages/trainRetrieval.ts';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../../src/adapters/tfjs/embedderTrainer.ts';
import { createRankerTrainer } from '../../src/adapters/tfjs/rankerTrainer.ts';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { createCatalogue } from '../../src/catalogue/createCatalogue.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { EligibleCandidate } from '../../src/domain/pipeline.ts';
import { type Random, seededRandom } from '../../src/domain/random.ts';
import { gainAt } from '../../src/evaluation/metrics.ts';
import { type EvaluationReport, METRICS, type MomentResult, type SystemReport } from '../../src/evaluation/report.ts';
import { createVectoriser } from '../../src/ranking/vectoriser.ts';
import { type BenchReport, rounded } from './report.ts';
import { readSequenceData, type SequenceData } from './support/sequenceData.ts';

const SEEDS = [42, 43, 44];
const WEIGHTS = { click: 1 };
/** What serving ranks for a list of 200: twice as many. */
const POOL = 400;

/**
 * Both stages on a data set of histories: trained on all but each person's last item, measured on it; all items ranked, seen
 * excluded. Arguments: its folder, `--seeds N`, and `--people N` to ask for some people's lists only.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { seeds: { type: 'string', default: String(SEEDS.length) }, people: { type: 'string', default: 'Infinity' } },
    allowPositionals: true,
  });
  const [folder = '../shared/data/ml-latest-small'] = positionals;
  const seeds = SEEDS.slice(0, Number(values.seeds));
  if (seeds.length === 0) throw new UserError(`--seeds must be from 1 to ${SEEDS.length}, not "${values.seeds}"`);
  const people = Number(values.people);
  if (!(people >= 1)) throw new UserError(`--people must be a number above 0, not "${values.people}"`);
  const data = await readSequenceData(folder);
  const measured: Measured[] = [];
  for (const seed of seeds) {
    measured.push(await measure(data, seed, people));
    process.stderr.write(`seed ${seed}: ${measured.length} of ${seeds.length}\n`);
  }
  const mean = (of: (one: Measured) => number): number =>
    rounded(measured.reduce((sum, one) => sum + of(one), 0) / measured.length, 4);
  const names = measured[0]?.report.systems.map(({ name }) => name) ?? [];
  const rows = names.map((name) => {
    const of = (figure: (system: SystemReport) => number): number =>
      mean(({ report }) => figure(report.systems.find((system) => system.name === name)!));
    const ndcg = (side: 'low' | 'high'): number => of(({ metrics }) => metrics['NDCG@10'][side]);
    return [
      name,
      ...METRICS.map((metric) => of(({ metrics }) => metrics[metric].mean)),
      `${ndcg('low')}–${ndcg('high')}`,
      of(({ coverage }) => coverage),
      ...(name === 'winnow' ? [mean(({ sampled }) => sampled.hits), mean(({ sampled }) => sampled.gain)] : [null, null]),
    ];
  });
  const differences = measured.flatMap(({ report }) => report.differences);
  const worst = (side: 'mean' | 'low'): number => rounded(Math.min(...differences.map(({ ndcg }) => ndcg[side])), 4);
  return {
    name: `quality-${data.name}`,
    title: `${data.name}: the last item of each person, all items ranked, seen excluded`,
    setup: { seeds: seeds.join(' '), backend: (await trainingBackend()).name, people: measured[0]?.report.moments ?? 0 },
    columns: ['system', ...METRICS, 'NDCG@10, 95 %', 'coverage', 'HR@10 of 101', 'NDCG@10 of 101'],
    rows,
    checks: [
      {
        what: 'NDCG@10 less the best baseline’s, in the worst seed',
        expected: 'above 0',
        measured: worst('mean'),
        passed: worst('mean') > 0,
      },
      {
        what: 'low end of the 95 % interval of that difference',
        expected: 'above 0',
        measured: worst('low'),
        passed: worst('low') > 0,
      },
    ],
    notes: [
      'Means over the seeds; the interval is the mean of the seeds’ bootstrap intervals over people.',
      '“Of 101”: the last item among 100 drawn from those that the person has not seen, as SASRec was first measured.',
    ],
  };
}

interface Measured {
  readonly report: EvaluationReport;
  readonly sampled: { readonly hits: number; readonly gain: number };
}

async function measure(data: SequenceData, seed: number, people: number): Promise<Measured> {
  const { items, fields, interactions } = data;
  const parsed = configSchema.parse({ dataset: { items: { source: data.name, id: 'id' } }, fields, training: { seed } });
  const config: Config = { ...parsed, root: '.', workspace: '.', apiKeys: [], logLevel: 'silent', cursorSecret: 'bench' };
  const catalogue = createCatalogue(fields, items);
  const backend = await trainingBackend();
  const embedder = createEmbedderTrainer(backend);
  const trainer = createRankerTrainer(backend);
  const known = beforeMoments(interactions, 1);
  const shared = { config, items, trainer: embedder, progress: silentProgress };
  const served = await trainRetrieval({ ...shared, interactions: known });
  const ranker = await trainRanker({
    config,
    catalogue,
    interactions: known,
    events: async function* () {},
    trainer,
    progress: silentProgress,
    trainStageOne: async (part) => {
      const { models } = await trainRetrieval({ ...shared, interactions: part, previous: served.data });
      return { models, propose: createProposer(models, catalogue) };
    },
  });
  if (ranker === undefined) throw new Error(`${data.name} taught no ranker`);
  const { models } = served;
  const vectoriser = createVectoriser({ models, catalogue, fields, weights: WEIGHTS, statistics: undefined });
  const { network, scaling } = ranker.model;
  const results: MomentResult[] = [];
  const score = (matrix: Float32Array): Float32Array => trainer.score(network, scaling, matrix);
  const options = { propose: createProposer(models, catalogue), vectoriser, pool: POOL, always: true };
  const random = seededRandom(seed);
  let [hits, gain] = [0, 0];
  const moments = [...momentsBefore(interactions, catalogue, 1)];
  const step = Math.max(1, moments.length / people);
  const asked = moments.filter((_, i) => Math.floor((i + 1) / step) > Math.floor(i / step));
  for await (const list of proposeLists(asked, options)) {
    const result = momentResult(list, score(list.matrix), catalogue);
    results.push(result.place < POOL / 2 ? result : { ...result, place: -1 });
    const { moment } = list;
    const candidates = drawn(moment, catalogue, random);
    const place = placeOf(score(vectoriser.vectorise({ query: pastQuery(moment), history: moment.history, candidates })), 0);
    hits += place < 10 ? 1 : 0;
    gain += gainAt(place);
  }
  return {
    report: await evaluate({ catalogue, interactions, split: { kind: 'last' }, results, seed, progress: silentProgress }),
    sampled: { hits: hits / results.length, gain: gain / results.length },
  };
}

/** The wanted item first, then up to 100 that the person has not seen, drawn evenly without repetition. */
function drawn({ target, seen }: Moment, catalogue: Catalogue, random: Random): EligibleCandidate[] {
  const chosen = new Set([target]);
  const most = Math.min(101, catalogue.rows - seen.size);
  while (chosen.size < most) {
    const ordinal = Math.floor(random() * catalogue.rows);
    if (!seen.has(ordinal)) chosen.add(ordinal);
  }
  return [...chosen].flatMap((ordinal) => {
    const item = catalogue.at(ordinal);
    return item === undefined ? [] : [{ id: item.id, ordinal, hits: [], item }];
  });
}
