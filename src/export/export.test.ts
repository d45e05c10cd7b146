import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { trainingBackend } from '../adapters/tfjs/backend.ts';
import { seededRandom } from '../domain/random.ts';
import { probability } from '../ranking/calibration.ts';
import type { Head } from '../ranking/head.ts';
import { emptyNetwork, NETWORK_ARRAYS, scoreWithGradient } from '../ranking/network.ts';
import { standardise } from '../ranking/standardise.ts';
import { npy } from './npy.ts';
import { bytes, integer, message } from './protobuf.ts';
import { savedModel } from './savedModel.ts';

function head(inputs: number): Head {
  const random = seededRandom(2);
  const network = emptyNetwork(inputs, [6, 3]);
  for (const name of NETWORK_ARRAYS) for (let i = 0; i < network[name].length; i++) network[name][i] = 2 * random() - 1;
  const scaling = { mean: new Float32Array(inputs).fill(0.5), inverse: Float32Array.from({ length: inputs }, (_, i) => i) };
  return { network, scaling, calibration: { slope: 0.7, offset: -0.3 } };
}

it('writes integers and texts as the encoding’s own examples have them', () => {
  expect([...integer(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  expect([...integer(1, -1)]).toEqual([0x08, ...Array(9).fill(0xff), 0x01]);
  expect([...bytes(2, 'testing')]).toEqual([0x12, 0x07, ...Buffer.from('testing')]);
  expect([...message(bytes(3, integer(1, 150)))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
});

it('writes matrices as NumPy does', () => {
  const file = Buffer.from(npy(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2));
  const header = file.readUInt16LE(8);
  expect((10 + header) % 64).toBe(0);
  expect(file.subarray(10, 10 + header).toString()).toMatch(/'shape': \(3, 2\).* \n$/);
  expect(file.readFloatLE(10 + header + 8)).toBe(3);
  expect(file).toHaveLength(10 + header + 24);
});

it('writes a head that TensorFlow reads and scores alike', async (context) => {
  const backend = await trainingBackend();
  if (backend.name !== 'native') {
    process.stderr.write(
      'skipped: TensorFlow’s library is not installed (npm run install-native), so no SavedModel was loaded\n',
    );
    return context.skip();
  }
  const { node } = await import('@tensorflow/tfjs-node');
  const folder = await mkdtemp(join(tmpdir(), 'winnow-export-'));
  const own = head(5);
  await writeFile(join(folder, 'saved_model.pb'), savedModel(own));
  const model = await node.loadSavedModel(folder);
  const random = seededRandom(9);
  const rows = Float32Array.from({ length: 4 * 5 }, () => 6 * random() - 3);
  backend.use();
  const answer = model.predict({ rows: backend.tf.tensor2d(rows, [4, 5]) });
  const [tensor] = Object.values(answer);
  const said: Float32Array = await tensor.data();
  said.forEach((value, row) => {
    const x = standardise(rows, own.scaling, row, row + 1);
    expect(value).toBeCloseTo(probability(own.calibration, scoreWithGradient(own.network, x, new Float32Array(5))), 5);
  });
  model.dispose();
  await rm(folder, { recursive: true });
});
