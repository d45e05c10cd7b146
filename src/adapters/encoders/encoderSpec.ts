import { z } from 'zod';

/** Which text encoder a thread is to run. */
export const encoderSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('use-lite') }),
  z.object({ kind: z.literal('onnx'), folder: z.string() }),
]);
export type EncoderSpec = z.infer<typeof encoderSpecSchema>;

/**
 * What the bundled encoder is, for those who need not load it. Of a text 128 pieces are read, about 90 English words: time
 * grows in proportion, and half as many find a little less.
 */
export const USE_LITE = { id: 'use-lite-128', dimensions: 512, pieces: 128 };

const vectorSchema = z.custom<Float32Array>((value) => value instanceof Float32Array);

/** What a thread answers to a list of texts: vectors in their order, or why there are none. */
export const encoderAnswerSchema = z.union([
  z.object({ id: z.string(), dimensions: z.number().int(), vectors: z.array(vectorSchema) }),
  z.object({ error: z.string(), isUserError: z.boolean() }),
]);
export type EncoderAnswer = z.infer<typeof encoderAnswerSchema>;
