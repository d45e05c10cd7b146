import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { keptFolder } from '../../scripts/services/kept.ts';
import { restoreRemovedUtilities } from '../adapters/tfjs/backend.ts';
import { quietNativeLibrary } from '../config/nativeLibrary.ts';
import { seededRandom } from '../domain/random.ts';
import { probability } from '../ranking/calibration.ts';
import type { Head } from '../ranking/head.ts';
import { emptyNetwork, NETWORK_ARRAYS, scoreWithGradient } from '../ranking/network.ts';
import { standardise } from '../ranking/standardise.ts';
import { savedModel } from './savedModel.ts';

const NAME = '@tensorflow/tfjs-node';
/** Where it is installed if the project does without; kept for the next time. */
const ASIDE = keptFolder('winnow-native');

/** What of TensorFlow's own library is used here. It is optional, so its types may be absent. */
interface NativeLibrary {
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  readonly node: {
    loadSavedModel(folder: string): Promise<{ predict(inputs: { rows: Tensor }): Record<string, Tensor>; dispose(): void }>;
  };
}

function head(inputs: number): Head {
  const random = seededRandom(2);
  const network = emptyNetwork(inputs, [6, 3]);
  for (const name of NETWORK_ARRAYS) for (let i = 0; i < network[name].length; i++) network[name][i] = 2 * random() - 1;
  const scaling = { mean: new Float32Array(inputs).fill(0.5), inverse: Float32Array.from({ length: inputs }, (_, i) => i) };
  return { network, scaling, calibration: { slope: 0.7, offset: -0.3 } };
}

async function nativeLibrary(): Promise<NativeLibrary> {
  quietNativeLibrary();
  restoreRemovedUtilities();
  const own = createRequire(import.meta.url);
  try {
    own.resolve(NAME);
    return own(NAME);
  } catch {
    await mkdir(ASIDE, { recursive: true });
    execFileSync('bash', ['scripts/install-native.sh', ASIDE], { stdio: ['ignore', 2, 2] });
    return createRequire(join(ASIDE, 'index.js'))(NAME);
  }
}

it('writes a head that TensorFlow reads and scores alike', { timeout: 1_200_000 }, async () => {
  const { node, tensor2d } = await nativeLibrary();
  const folder = await mkdtemp(join(tmpdir(), 'winnow-export-'));
  const own = head(5);
  await writeFile(join(folder, 'saved_model.pb'), savedModel(own));
  const model = await node.loadSavedModel(folder);
  const random = seededRandom(9);
  const rows = Float32Array.from({ length: 4 * 5 }, () => 6 * random() - 3);
  const [tensor] = Object.values(model.predict({ rows: tensor2d(rows, [4, 5]) }));
  const said = (await tensor?.data()) ?? [];
  expect(said).toHaveLength(4);
  said.forEach((value, row) => {
    const x = standardise(rows, own.scaling, row, row + 1);
    expect(value).toBeCloseTo(probability(own.calibration, scoreWithGradient(own.network, x, new Float32Array(5))), 5);
  });
  model.dispose();
  await rm(folder, { recursive: true });
});
