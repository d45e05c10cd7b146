import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { createUseLiteEncoder } from './useLite.ts';

/** A thread that answers each list of texts with their vectors, or with what went wrong as a string. */
const port = parentPort;
if (port === null) throw new Error('this runs as a worker thread');
const encoder = createUseLiteEncoder({ threads: 0 });
const textsSchema = z.array(z.string());

port.on('message', async (message: unknown) => {
  try {
    const vectors = await (await encoder).embed(textsSchema.parse(message));
    port.postMessage(
      vectors,
      // Moved, not copied: each vector has a buffer of its own.
      vectors.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : [])),
    );
  } catch (error) {
    port.postMessage(String(error));
  }
});
