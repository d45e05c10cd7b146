import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { trainingBackend } from '../../src/adapters/tfjs/backend.ts';
import { createRankerTrainer } from '../../src/adapters/tfjs/rankerTrainer.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { RankerLists, RankerSettings } from '../../src/ports/training.ts';
import { averageOf, type Network } from '../../src/ranking/network.ts';
import { measureScaling } from '../../src/ranking/standardise.ts';
import { type BenchReport, rounded } from './report.ts';

const COLUMNS = 300;
const CUTS = [1, 3, 5] as const;
/** What LightGBM's own example reaches on the test part after its 100 trees. */
const LIGHTGBM = { 'ndcg@1': 0.5674, 'ndcg@3': 0.578 } as const;
const FOLDS = 3;
const MEMBERS = 2;
const base = { hidden: [64, 32], loss: 'softmax', epochs: 6, batch: 4, rate: 0.002, seed: 1 } as const;
/** What is chosen from, by cross-validation within the training part. */
const CHOICES: readonly RankerSettings[] = [
  { ...base, decay: 0.5 },
  { ...base, decay: 2 },
];

/** The listwise ranker as a learner of its own, on the lambdarank example of LightGBM. Argument: the example's folder. */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const folder = args[0] ?? '../shared/data/lightgbm-lambdarank';
  const train = await readLists(folder, 'rank.train');
  const test = await readLists(folder, 'rank.test');
  const backend = await trainingBackend();
  const trainer = createRankerTrainer(backend);
  const fitAndScore = async (settings: RankerSettings, fit: RankerLists, on: RankerLists): Promise<number[]> => {
    const scaling = measureScaling(fit.features, COLUMNS);
    const networks: Network[] = [];
    for (let member = 0; member < MEMBERS; member++) {
      networks.push(await trainer.train(fit, scaling, { ...settings, seed: settings.seed + member }, silentProgress));
    }
    const scores = trainer.score(averageOf(networks), scaling, on.features);
    return CUTS.map((k) => meanNdcg(scores, on, k));
  };
  const queries = [...train.offsets.keys()].slice(0, -1);
  const rows: (string | number)[][] = [];
  let best = { settings: CHOICES[0]!, figure: -1 };
  for (const settings of CHOICES) {
    let figure = 0;
    for (let fold = 0; fold < FOLDS; fold++) {
      const held = subset(
        train,
        queries.filter((query) => query % FOLDS === fold),
      );
      const rest = subset(
        train,
        queries.filter((query) => query % FOLDS !== fold),
      );
      const [, third] = await fitAndScore(settings, rest, held);
      figure += third! / FOLDS;
    }
    rows.push([`cross-validation, weight decay ${settings.decay}`, '', rounded(figure, 4), '']);
    if (figure > best.figure) best = { settings, figure };
  }
  const figures = await fitAndScore(best.settings, train, test);
  rows.push([`test, weight decay ${best.settings.decay}`, ...figures.map((figure) => rounded(figure, 4))]);
  return {
    name: 'lambdarank',
    title: 'The listwise ranker alone, on the lambdarank example of LightGBM',
    setup: { backend: backend.name, queries: queries.length, folds: FOLDS, members: MEMBERS, seed: base.seed },
    columns: ['', ...CUTS.map((k) => `ndcg@${k}`)],
    rows,
    checks: Object.entries(LIGHTGBM).map(([name, bar]) => {
      const measured = rounded(figures[CUTS.findIndex((k) => name === `ndcg@${k}`)]!, 4);
      return { what: `${name} on test`, expected: `at least ${bar} (LightGBM)`, measured, passed: measured >= bar };
    }),
  };
}

/** SVMlight rows and a file of group sizes; gains are 2^label − 1. */
async function readLists(folder: string, name: string): Promise<RankerLists> {
  const read = (path: string): Promise<string> =>
    readFile(path, 'utf8').catch((cause: unknown) => {
      throw new UserError(`${path} cannot be read: give the folder of LightGBM's examples/lambdarank`, { cause });
    });
  const lines = (await read(join(folder, name))).trim().split('\n');
  const sizes = (await read(join(folder, `${name}.query`))).trim().split('\n').map(Number);
  const features = new Float32Array(lines.length * COLUMNS);
  const labels = new Float32Array(lines.length);
  lines.forEach((line, row) => {
    const [label, ...entries] = line.trim().split(/\s+/);
    labels[row] = 2 ** Number(label) - 1;
    for (const entry of entries) {
      const [column, value] = entry.split(':');
      features[row * COLUMNS + Number(column) - 1] = Number(value);
    }
  });
  const offsets = Int32Array.from({ length: sizes.length + 1 }, (_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  return { columns: COLUMNS, offsets, features, labels };
}

function subset(lists: RankerLists, chosen: readonly number[]): RankerLists {
  const rows = chosen.flatMap((list) => {
    const from = lists.offsets[list]!;
    return Array.from({ length: lists.offsets[list + 1]! - from }, (_, i) => from + i);
  });
  const offsets = [0];
  for (const list of chosen) offsets.push(offsets.at(-1)! + lists.offsets[list + 1]! - lists.offsets[list]!);
  const features = new Float32Array(rows.length * COLUMNS);
  rows.forEach((row, i) => {
    features.set(lists.features.subarray(row * COLUMNS, (row + 1) * COLUMNS), i * COLUMNS);
  });
  return {
    columns: COLUMNS,
    offsets: Int32Array.from(offsets),
    features,
    labels: Float32Array.from(rows, (row) => lists.labels[row]!),
  };
}

/** Mean over the lists; one without anything wanted counts 1, as LightGBM has it. */
function meanNdcg(scores: Float32Array, { offsets, labels }: RankerLists, k: number): number {
  let sum = 0;
  for (let list = 0; list + 1 < offsets.length; list++) {
    const rows = Array.from({ length: offsets[list + 1]! - offsets[list]! }, (_, i) => offsets[list]! + i);
    const gained = (order: readonly number[]): number =>
      order.slice(0, k).reduce((total, row, place) => total + labels[row]! / Math.log2(place + 2), 0);
    const ideal = gained([...rows].sort((a, b) => labels[b]! - labels[a]!));
    sum += ideal === 0 ? 1 : gained([...rows].sort((a, b) => scores[b]! - scores[a]! || a - b)) / ideal;
  }
  return sum / (offsets.length - 1);
}
