import { createRetrievalModels, type StoredContent } from './createModels.ts';
import type { RetrievalModels } from './models.ts';
import { readRetrieval } from './storage.ts';

/**
 * The retrieval models of an artifact's folder, ready for lookups.
 * @param stored where the artifact's content vectors are already
 * @throws UserError naming the file that is missing, truncated or foreign
 */
export async function loadRetrieval(folder: string, stored?: StoredContent): Promise<RetrievalModels> {
  return createRetrievalModels(await readRetrieval(folder), stored);
}
