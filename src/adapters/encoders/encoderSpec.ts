import { z } from 'zod';

/** Which text encoder a thread is to run. */
export const encoderSpecSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('use-lite') }),
  z.object({ kind: z.literal('onnx'), folder: z.string() }),
]);
export type EncoderSpec = z.infer<typeof encoderSpecSchema>;

const vectorSchema = z.custom<Float32Array>((value) => value instanceof Float32Array);

/** What a thread answers to a list of texts: vectors in their order, or why there are none. */
export const encoderAnswerSchema = z.union([
  z.object({ id: z.string(), dimensions: z.number().int(), vectors: z.array(vectorSchema) }),
  z.object({ error: z.string(), isUserError: z.boolean() }),
]);
export type EncoderAnswer = z.infer<typeof encoderAnswerSchema>;
