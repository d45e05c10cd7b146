import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { UserError } from '../../domain/errors.ts';
import type { TextEncoder } from '../../ports/models.ts';
import { type EncoderAnswer, type EncoderSpec, encoderSpecSchema } from './encoderSpec.ts';
import { createOnnxEncoder } from './onnx.ts';
import { createUseLiteEncoder } from './useLite.ts';

/** A thread that answers each list of texts with their vectors. */
const port = parentPort;
if (port === null) throw new Error('this runs as a worker thread');
const textsSchema = z.array(z.string());

const open = (spec: EncoderSpec): Promise<TextEncoder> =>
  spec.kind === 'onnx' ? createOnnxEncoder(spec.folder) : createUseLiteEncoder();
let opened: Promise<TextEncoder> | undefined;

port.on('message', async (message: unknown) => {
  try {
    opened ??= open(encoderSpecSchema.parse(workerData));
    const { id, dimensions, embed } = await opened;
    const vectors = await embed(textsSchema.parse(message));
    port.postMessage(
      { id, dimensions, vectors } satisfies EncoderAnswer,
      // Moved, not copied: each vector has a buffer of its own.
      vectors.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : [])),
    );
  } catch (error) {
    const answer = { error: error instanceof Error ? error.message : String(error), isUserError: error instanceof UserError };
    port.postMessage(answer satisfies EncoderAnswer);
  }
});
