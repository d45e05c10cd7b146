import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { trainingBackend } from '../adapters/tfjs/backend.ts';
import { createRankerTrainer } from '../adapters/tfjs/rankerTrainer.ts';
import { createRanker } from '../adapters/wasm/ranker.ts';
import { silentProgress } from '../cli/progress.ts';
import { UserError } from '../domain/errors.ts';
import { seededRandom } from '../domain/random.ts';
import type { RankerLists, RankerSettings } from '../ports/training.ts';
import { scoreWithGradient } from './network.ts';
import { type RankerModel, rankerId, readRanker, writeRanker } from './rankerModel.ts';
import { measureScaling, standardise } from './standardise.ts';

const COLUMNS = 6;
const settings: RankerSettings = { hidden: [16, 8], loss: 'softmax', epochs: 8, batch: 8, rate: 0.01, decay: 0, seed: 1 };

/** Lists in which what is wanted has the highest product of two columns: nothing a linear score could find. */
function lists(count: number, seed: number): RankerLists {
  const random = seededRandom(seed);
  const features = Float32Array.from({ length: count * 10 * COLUMNS }, () => random() * 2 - 1);
  const labels = new Float32Array(count * 10);
  for (let list = 0; list < count; list++) {
    let best = 0;
    let wanted = 0;
    for (let i = 0; i < 10; i++) {
      const at = (list * 10 + i) * COLUMNS;
      const product = features[at]! * features[at + 1]!;
      if (product > best) {
        best = product;
        wanted = i;
      }
    }
    labels[list * 10 + wanted] = 1;
  }
  return { columns: COLUMNS, offsets: Int32Array.from({ length: count + 1 }, (_, i) => i * 10), features, labels };
}

async function trained(prefer: 'wasm' | undefined): Promise<RankerModel> {
  const trainer = createRankerTrainer(await trainingBackend(prefer === undefined ? {} : { prefer }));
  const data = lists(200, 1);
  const scaling = measureScaling(data.features, COLUMNS);
  const network = await trainer.train(data, scaling, settings, silentProgress);
  const columns = Array.from({ length: COLUMNS }, (_, i) => `c${i}`);
  const calibration = { slope: 1, offset: 0 };
  return {
    id: rankerId({ network }),
    columns,
    featuresHash: 'h',
    scaling,
    network,
    calibration,
    taughtBy: 'interactions',
    statistics: null,
    reference: null,
  };
}

function firstPlaces(scores: Float32Array, data: RankerLists): number {
  let right = 0;
  for (let list = 0; list + 1 < data.offsets.length; list++) {
    const own = scores.subarray(data.offsets[list], data.offsets[list + 1]);
    if (data.labels[data.offsets[list]! + own.indexOf(Math.max(...own))] === 1) right++;
  }
  return right / (data.offsets.length - 1);
}

describe('ranker', () => {
  let folder: string;
  let model: RankerModel;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-ranker-'));
    model = await trained('wasm');
    await writeRanker(folder, model);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('learns what no linear score finds, serves what it learned, and comes back from its files', async () => {
    const data = lists(100, 2);
    const ranker = createRanker(await readRanker(folder));
    const served = await ranker.score(data.features, data.labels.length);
    expect(firstPlaces(served, data)).toBeGreaterThan(0.5);
    expect(await readRanker(folder)).toEqual(model);
    const gradient = new Float32Array(COLUMNS);
    served.slice(0, 20).forEach((probability, row) => {
      const score = scoreWithGradient(model.network, standardise(data.features, model.scaling, row, row + 1), gradient);
      expect(probability).toBeCloseTo(1 / (1 + Math.exp(-score)), 4);
    });
    const parts = await ranker.explain(data.features.subarray(0, COLUMNS), 1);
    expect(parts).toHaveLength(COLUMNS);
  });

  it('has another head for lists that a caller brings, which comes back from the files too', async () => {
    const columns = ['proposed', 'c1', 'c2', 'c3', 'c4', 'c5'];
    const { network, scaling } = model;
    const brought = {
      network: { ...network, skip: network.skip.map((weight) => weight + 1) },
      scaling,
      calibration: { slope: 2, offset: 1 },
    };
    const both: RankerModel = { ...model, columns, brought };
    expect(rankerId(both)).not.toBe(rankerId(model));
    await writeRanker(folder, both, 'search-ranker');
    expect(await readRanker(folder, 'search-ranker')).toEqual(both);
    const heads = createRanker(both);
    const main = createRanker({ ...model, columns });
    const own = createRanker({ ...model, columns, ...brought });
    const row = (proposed: number): Float32Array => Float32Array.of(proposed, 0.1, -0.2, 0.3, 0.4, 0.5);
    expect(await heads.score(row(1), 1)).toEqual(await main.score(row(1), 1));
    expect(await heads.score(row(0), 1)).toEqual(await own.score(row(0), 1));
    expect(await heads.explain(row(0), 1)).toEqual(await own.explain(row(0), 1));
  });

  it('is trained to the same bits by the same seed', async () => {
    expect((await trained('wasm')).id).toBe(model.id);
  });

  it('learns from sampled rows as from lists in which each is there as often as it stands for', async () => {
    const trainer = createRankerTrainer(await trainingBackend({ prefer: 'wasm' }));
    const data = lists(20, 3);
    const scaling = measureScaling(data.features, COLUMNS);
    const counts = Float32Array.from(data.labels, (label, row) => (label > 0 ? 1 : 1 + (row % 3)));
    const rows = Array.from(counts).flatMap((count, row) => Array.from({ length: count }, () => row));
    const repeated: RankerLists = {
      columns: COLUMNS,
      offsets: data.offsets.map((offset) => rows.filter((row) => row < offset).length),
      features: Float32Array.from(rows.flatMap((row) => Array.from(data.features.subarray(row * COLUMNS, (row + 1) * COLUMNS)))),
      labels: Float32Array.from(rows, (row) => data.labels[row]!),
    };
    const score = async (from: RankerLists): Promise<Float32Array> =>
      trainer.score(await trainer.train(from, scaling, { ...settings, epochs: 2 }, silentProgress), scaling, data.features);
    const [sampled, whole, unweighted] = [await score({ ...data, standsFor: counts }), await score(repeated), await score(data)];
    const distance = (other: Float32Array): number => Math.max(...sampled.map((value, row) => Math.abs(value - other[row]!)));
    expect(distance(whole)).toBeLessThan(1e-2);
    expect(distance(unweighted)).toBeGreaterThan(5 * distance(whole));
  });

  it('learns as well on whatever backend trains', async () => {
    const data = lists(100, 2);
    const ranker = createRanker(await trained(undefined));
    expect(firstPlaces(await ranker.score(data.features, data.labels.length), data)).toBeGreaterThan(0.5);
  });

  it('is refused by the name of the file that is missing, cut off or foreign', async () => {
    const bin = join(folder, 'ranker.bin');
    const json = join(folder, 'ranker.json');
    const bytes = await readFile(bin);
    const header = await readFile(json, 'utf8');
    const refused = async (file: RegExp): Promise<void> => {
      const error = await readRanker(folder).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UserError);
      expect(String(error)).toMatch(file);
    };
    await writeFile(bin, bytes.subarray(0, 100));
    await refused(/ranker\.bin has 100 bytes/);
    const changed = Buffer.from(bytes);
    changed[9] = changed[9]! ^ 1;
    await writeFile(bin, changed);
    await refused(/ranker\.bin.*hash/);
    await rm(bin);
    await refused(/ranker\.bin/);
    await writeFile(json, header.slice(0, 40));
    await refused(/ranker\.json is not JSON/);
    await writeFile(json, '{"kind":"model"}');
    await refused(/ranker\.json does not describe a ranker/);
  });
});
