import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExactIndex } from '../adapters/hnsw/exactIndex.ts';
import { UserError } from '../domain/errors.ts';
import { seededRandom } from '../domain/random.ts';
import { fitProjection, openProjected, project, writeProjection } from './projection.ts';

const random = seededRandom(1);
const noise = () => random() - 0.5;
const topics = Array.from({ length: 6 }, () => Float32Array.from({ length: 32 }, noise));
/** A mix of few topics and a little of everything, of unit length as encoders give. */
const vector = () => {
  const shares = topics.map(() => random() ** 4);
  const mix = Float32Array.from({ length: 32 }, (_, j) =>
    shares.reduce((sum, s, t) => sum + s * (topics[t]?.[j] ?? 0), 0.02 * noise()),
  );
  return mix.map((value) => value / Math.hypot(...mix));
};
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, j) => sum + value * (b[j] ?? 0), 0);

describe('a projection of text vectors', () => {
  const vectors = Array.from({ length: 300 }, vector);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-projection-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps inner products about what they are, in fewer numbers', () => {
    const projection = fitProjection(vectors, 100, 6);
    if (projection === undefined) throw new Error('there were vectors enough');
    for (let i = 0; i < 50; i++) {
      const [a, b] = [vector(), vectors[i] ?? vector()];
      expect(project(projection, a)).toHaveLength(6);
      expect(Math.abs(dot(project(projection, a), project(projection, b)) - dot(a, b))).toBeLessThan(0.02);
    }
  });

  it('is not made for a small catalogue, nor where there is nothing to save', () => {
    expect(fitProjection(vectors, 301, 6)).toBeUndefined();
    expect(fitProjection(vectors, 100, 32)).toBeUndefined();
    expect(fitProjection([], 0, 6)).toBeUndefined();
  });

  it('comes back from its folder as an index that takes whole vectors', async () => {
    const projection = fitProjection(vectors, 100, 6);
    if (projection === undefined) throw new Error('there were vectors enough');
    const inner = createExactIndex({ dimensions: 6 });
    expect(await openProjected(inner, folder)).toBe(inner);
    await writeProjection(projection, folder);
    const index = await openProjected(inner, folder);
    expect(index.dimensions).toBe(32);
    await index.upsert(vectors.map((one, i) => ({ id: `v${i}`, vector: one })));
    const [query = vector()] = vectors;
    const best = [...vectors.keys()].sort((a, b) => dot(query, vectors[b] ?? query) - dot(query, vectors[a] ?? query));
    expect((await index.search(query, 3))[0]?.id).toBe(`v${best[0]}`);
    expect((await index.scores(query, ['v0']))[0]).toBeCloseTo(dot(query, query), 1);

    await expect(openProjected(createExactIndex({ dimensions: 5 }), folder)).rejects.toThrow(UserError);
    await truncate(join(folder, 'projection.bin'), 40);
    await expect(openProjected(inner, folder)).rejects.toThrow(/projection\.bin/);
  });
});
