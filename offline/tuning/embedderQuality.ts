import type { Progress } from '../../src/cli/progress.ts';
import type { EmbedderTrainer } from '../../src/ports/training.ts';
import { type ContentMatrix, contentRow } from '../../src/retrieval/contentMatrix.ts';
import { createEmbedderModel } from '../../src/retrieval/embedderModel.ts';
import type { EmbedderSettings } from '../../src/retrieval/embedderWeights.ts';
import type { HeldOutEntries } from '../../src/retrieval/heldOut.ts';
import { toSequences } from '../../src/retrieval/interactions.ts';

/** What `embedderQuality` means, for the record. */
export const QUALITY = 'mean of 1/log2(1 + rank) of held-out last items among all unseen ones';

/**
 * How good an embedding model of these settings is: trained without the held-out entries and asked for them. Every rank
 * counts, as the model is there both to lead the list and to bring candidates.
 */
export async function embedderQuality(
  { rest, cases }: HeldOutEntries,
  content: ContentMatrix,
  settings: EmbedderSettings,
  trainer: EmbedderTrainer,
  progress: Progress,
): Promise<number> {
  const { itemCount } = rest;
  const weights = await trainer.train({ sequences: toSequences(rest), itemCount, content }, settings, progress);
  const model = createEmbedderModel('trial', weights);
  for (let item = 0; item < itemCount; item++) model.set(item, model.compose(contentRow(content, item), item));
  const scores = new Float32Array(itemCount);
  let sum = 0;
  for (const { history, target } of cases) {
    const query = model.query(history);
    if (query === undefined) continue;
    model.scoreAll(query, scores);
    const wanted = scores[target]!;
    for (const seen of history) scores[seen] = Number.NEGATIVE_INFINITY;
    let rank = 1;
    for (const score of scores) if (score > wanted) rank++;
    sum += 1 / Math.log2(1 + rank);
  }
  return sum / Math.max(1, cases.length);
}
