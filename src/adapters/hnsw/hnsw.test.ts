import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../domain/random.ts';
import { vectorIndexConformance } from '../../ports/conformance/vectorIndex.ts';
import type { VectorEntry } from '../../ports/vectorIndex.ts';
import { buildHnswIndex, loadHnswIndex } from './build.ts';
import { createExactIndex } from './exactIndex.ts';

vectorIndexConformance('exact', {
  minRecall: 1,
  async open(entries, catalogue, planner, dimensions) {
    const index = createExactIndex({ dimensions, filtering: { catalogue, planner } });
    await index.upsert(entries);
    return index;
  },
});

// By cost these small catalogues would always be scanned; a graph that costs nothing is always searched.
vectorIndexConformance('hnsw, by cost', {
  minRecall: 0.98,
  open: (entries, catalogue, planner, dimensions) =>
    buildHnswIndex(entries, { dimensions, filtering: { catalogue, planner }, alwaysGraph: true }),
});

vectorIndexConformance('hnsw, graph preferred', {
  minRecall: 0.98,
  open: (entries, catalogue, planner, dimensions) =>
    buildHnswIndex(entries, { dimensions, filtering: { catalogue, planner }, alwaysGraph: true, graphCost: 0 }),
});

describe('a built index', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-index-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const random = seededRandom(3);
  const entries: VectorEntry[] = Array.from({ length: 3_000 }, (_, i) => ({
    id: `id ${i}`,
    vector: Float32Array.from({ length: 8 }, () => random() - 0.5),
  }));
  const query = Float32Array.from({ length: 8 }, () => random() - 0.5);

  it('is exact while small, and a graph with a measured recall above that', async () => {
    expect((await buildHnswIndex(entries, { dimensions: 8 })).kind).toBe('exact');
    const graph = await buildHnswIndex(entries, { dimensions: 8, alwaysGraph: true });
    expect(graph.kind).toBe('hnsw');
    expect(graph.recall).toBeGreaterThanOrEqual(0.98);
    expect(graph.parameters).toMatchObject({ m: 16 });
  });

  it('takes any of several equally near items for found', async () => {
    const kinds = Array.from({ length: 6 }, () => Float32Array.from({ length: 8 }, () => random() - 0.5));
    const alike = entries.map(({ id }, i) => ({ id, vector: kinds[i % kinds.length] ?? query }));
    const graph = await buildHnswIndex(alike, { dimensions: 8, alwaysGraph: true });
    expect([graph.kind, graph.recall]).toEqual(['hnsw', 1]);
  });

  it('is exact where hundreds of items are the same, in which a graph falls apart', async () => {
    const kinds = Array.from({ length: 500 }, () => Float32Array.from({ length: 64 }, () => random() - 0.5));
    const alike = Array.from({ length: 210_000 }, (_, i) => ({ id: `${i}`, vector: kinds[i % kinds.length] ?? query }));
    const index = await buildHnswIndex(alike, { dimensions: 64 });
    expect([index.kind, index.recall]).toEqual(['exact', 1]);
    expect(await index.size()).toBe(210_000);
  });

  it('is refused when no graph reaches the recall it must', async () => {
    const build = buildHnswIndex(entries.slice(0, 400), { dimensions: 8, alwaysGraph: true, minRecall: 1.01 });
    await expect(build).rejects.toThrow(/recall@100 is .* below the 1.01/);
  });

  const poor = { m: 2, efConstruction: 4, widths: [100] };

  it('is exact where graphs find too few and a scan is quick', async () => {
    const index = await buildHnswIndex(entries, { dimensions: 8, alwaysGraph: true, ladder: [poor] });
    expect([index.kind, index.recall]).toEqual(['exact', 1]);
    expect(await index.search(query, 10)).toHaveLength(10);
    // What is far from enough is not tried once more, for an hour of a large catalogue.
    const good = { m: 16, efConstruction: 200, widths: [400] };
    const early = await buildHnswIndex(entries, { dimensions: 8, alwaysGraph: true, ladder: [poor, good] });
    expect(early.kind).toBe('exact');
  });

  it.each([true, false])('answers the same after saving and loading (graph: %s)', async (alwaysGraph) => {
    const index = await buildHnswIndex(entries, { dimensions: 8, alwaysGraph });
    await index.remove(['id 5']);
    await index.save(folder);
    const loaded = await loadHnswIndex(folder, {});
    expect(loaded.kind).toBe(index.kind);
    expect(loaded.recall).toBe(index.recall);
    expect(await loaded.size()).toBe(2_999);
    expect(await loaded.search(query, 100)).toEqual(await index.search(query, 100));
  });

  it.each([true, false])(
    'answers about the same in half the memory, and takes what is put later (graph: %s)',
    async (alwaysGraph) => {
      const unit = (vector: Float32Array) => vector.map((value) => value / Math.hypot(...vector));
      const index = await buildHnswIndex(
        entries.map(({ id, vector }) => ({ id, vector: unit(vector) })),
        { dimensions: 8, alwaysGraph },
      );
      const asked = unit(query);
      const before = await index.search(asked, 100);
      await index.save(folder);
      index.compact();
      expect(index.table.vectors.byteLength).toBe(3_000 * 8 * 4);
      const after = await index.search(asked, 100);
      after.forEach(({ score }, i) => {
        expect(score).toBeCloseTo(before[i]?.score ?? 0, 4);
      });
      // Whoever loads the file and does the same reads the same numbers, to the bit.
      const loaded = await loadHnswIndex(folder, {});
      loaded.compact();
      expect(await loaded.search(asked, 100)).toEqual(after);
      for (let i = 0; i < 2_000; i++) await index.upsert([{ id: `new ${i}`, vector: unit(entries[i]?.vector ?? asked) }]);
      await index.upsert([{ id: 'the query', vector: asked }]);
      expect((await index.search(asked, 1))[0]?.id).toBe('the query');
      expect((await index.scores(asked, ['the query']))[0]).toBeCloseTo(1, 4);
    },
  );

  it('is refused by name when a file is cut off, foreign or missing', async () => {
    const index = await buildHnswIndex(entries, { dimensions: 8, alwaysGraph: true });
    await index.save(folder);
    for (const name of ['vectors.f32', 'ids.json', 'graph.hnsw', 'index.json']) {
      const path = join(folder, name);
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, bytes.length >> 1));
      await expect(loadHnswIndex(folder, {})).rejects.toThrow(name);
      await writeFile(path, 'something else');
      await expect(loadHnswIndex(folder, {})).rejects.toThrow(name);
      await rm(path);
      await expect(loadHnswIndex(folder, {})).rejects.toThrow(name);
      await writeFile(path, bytes);
    }
    await expect(loadHnswIndex(folder, {})).resolves.toBeDefined();
  });
});
