import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../src/artifacts/manifest.ts';
import { loadSnapshot } from '../src/catalogue/snapshot.ts';
import { npy } from '../src/export/npy.ts';
import { savedModel } from '../src/export/savedModel.ts';
import type { Head } from '../src/ranking/head.ts';
import { type RankerFile, readRanker } from '../src/ranking/rankerModel.ts';
import { loadRetrieval } from '../src/retrieval/load.ts';

/**
 * Writes an artifact's models in formats that other programs read: each ranker's heads as TensorFlow SavedModels with their
 * columns, the items' vectors as NumPy matrices with the ids of their rows. @returns the folders and files written
 */
export async function exportArtifact(
  { manifest, folder }: { readonly manifest: Manifest; readonly folder: string },
  to: string,
): Promise<string[]> {
  const rankers: RankerFile[] = [];
  if (manifest.ranker !== null) rankers.push('ranker');
  if (manifest.searchRanker !== null) rankers.push('search-ranker');
  const written: string[] = [];
  for (const name of rankers) {
    const model = await readRanker(folder, name);
    written.push(await exportHead(model, model.columns, join(to, name)));
    if (model.brought !== undefined) written.push(await exportHead(model.brought, model.columns, join(to, `${name}-brought`)));
  }
  return [...written, ...(await exportVectors(folder, to))];
}

async function exportHead(head: Head, columns: readonly string[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'columns.json'), `${JSON.stringify(columns)}\n`);
  await writeFile(join(folder, 'saved_model.pb'), savedModel(head));
  return folder;
}

/** Of the behaviour model where there is one: the last dimension is the bias, to be multiplied by 1. */
async function exportVectors(folder: string, to: string): Promise<string[]> {
  const { behaviour, content } = await loadRetrieval(folder);
  const ids = (await loadSnapshot(folder)).map(({ id }) => id);
  await mkdir(to, { recursive: true });
  await writeFile(join(to, 'items.json'), `${JSON.stringify(ids)}\n`);
  const matrix = async (name: string, dimensions: number, vectorOf: (ordinal: number) => Float32Array | undefined) => {
    const values = new Float32Array(ids.length * dimensions);
    ids.forEach((_, ordinal) => {
      values.set(vectorOf(ordinal) ?? [], ordinal * dimensions);
    });
    await writeFile(join(to, `${name}.npy`), npy(values, ids.length, dimensions));
    return join(to, `${name}.npy`);
  };
  const written = [await matrix('content', content.dimensions, (ordinal) => content.vector(ordinal))];
  if (behaviour !== undefined)
    written.push(await matrix('behaviour', behaviour.dimensions, (ordinal) => behaviour.outputVector(ordinal)));
  return [join(to, 'items.json'), ...written];
}
