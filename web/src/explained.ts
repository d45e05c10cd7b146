import * as z from 'zod/mini';
import { itemExplanation, sourceHits } from './answers.ts';

export const explainAnswer = z.object({
  position: z.optional(z.nullable(z.number())),
  score: z.optional(z.number()),
  sources: z.optional(sourceHits),
  explanation: z.optional(itemExplanation),
  removal: z.optional(z.object({ stage: z.string(), reason: z.string(), detail: z.optional(z.string()) })),
  /** The last item of the list. */
  cutoff: z.optional(z.nullable(z.object({ score: z.number(), rank: z.number() }))),
});

export type Explained = z.infer<typeof explainAnswer>;
