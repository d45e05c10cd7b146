import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../../domain/errors.ts';
import type { TextEncoder } from '../../ports/models.ts';
import { type EncoderAnswer, type EncoderSpec, parseSpec, parseTexts } from './encoderSpec.ts';

/** Makes this a thread that answers each list of texts with their vectors; the encoder is opened at the first. */
export function answerTexts(open: (spec: EncoderSpec) => Promise<TextEncoder>): void {
  const port = parentPort;
  if (port === null) throw new Error('this runs as a worker thread');
  let opened: Promise<TextEncoder> | undefined;
  port.on('message', async (message: unknown) => {
    try {
      opened ??= open(parseSpec(workerData));
      const { id, dimensions, embed } = await opened;
      port.postMessage({ id, dimensions, vectors: await embed(parseTexts(message)) } satisfies EncoderAnswer);
    } catch (error) {
      const answer = { error: error instanceof Error ? error.message : String(error), isUserError: error instanceof UserError };
      port.postMessage(answer satisfies EncoderAnswer);
    }
  });
}
