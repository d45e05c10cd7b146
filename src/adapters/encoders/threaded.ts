import { availableParallelism } from 'node:os';
import type { TextEncoder } from '../../ports/models.ts';
import { createEncoderPool } from './encoderPool.ts';
import { type EncoderSpec, USE_LITE } from './encoderSpec.ts';

/** From so many texts on it is an inventory and no query. */
const MANY = 8;
const MOST_THREADS = 4;
/** Milliseconds after which the threads of an inventory are let go. */
const IDLE = 5000;

/**
 * A text encoder off the thread that serves: a query has a thread of its own, so that it waits for no inventory and no other
 * request waits for it; many texts are shared out over the cores. Threads start when they are first needed.
 * @throws UserError where the encoder cannot be opened; the bundled one says so at the first text
 */
export async function openThreadedEncoder(spec: EncoderSpec, options: { readonly threads?: number } = {}): Promise<TextEncoder> {
  const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
  const queries = createEncoderPool(spec, { size: 1 });
  const inventory = createEncoderPool(spec, { size: threads, idle: IDLE });
  const { id, dimensions } = spec.kind === 'use-lite' ? USE_LITE : await queries.describe();
  return {
    id,
    dimensions,
    embed: (texts) => (texts.length < MANY ? queries : inventory).embed(texts),
    async close() {
      await Promise.all([queries.close(), inventory.close()]);
    },
  };
}
