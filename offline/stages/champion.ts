import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestSchema } from '../../src/artifacts/manifest.ts';
import type { Progress } from '../../src/cli/progress.ts';
import { UserError } from '../../src/domain/errors.ts';
import { type RankerFile, type RankerModel, readRanker } from '../../src/ranking/rankerModel.ts';

/**
 * The ranker that serves, in an artifact's folder; `undefined` where none does yet, and where it cannot be read, as one of another
 * version: a new one is to take its place.
 */
export async function readChampion(folder: string, name: RankerFile, progress: Progress): Promise<RankerModel | undefined> {
  const { ranker, searchRanker } = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  if ((name === 'ranker' ? ranker : searchRanker) === null) return undefined;
  return readRanker(folder, name).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    progress.note(`what serves is no rival: ${error.message}`);
    return undefined;
  });
}
