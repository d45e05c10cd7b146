import { z } from 'zod';

export const MANIFEST_FORMAT = 1;

const gateSchema = z.object({ forced: z.boolean(), reason: z.string() });
const fileSchema = z.object({ path: z.string(), bytes: z.number().int().nonnegative(), sha256: z.string() });

/**
 * What an artifact is, written last. The service refuses one whose format, fields or feature hash do not fit what it runs.
 */
export const manifestSchema = z.object({
  format: z.literal(MANIFEST_FORMAT),
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z._-]*$/),
  createdAt: z.iso.datetime(),
  /** Fingerprint of all that the retrieval half was made from, and of the ranker's half; a run whose inputs match does nothing. */
  inputs: z.object({ retrieval: z.string(), ranker: z.string().nullable(), searchRanker: z.string().nullable().default(null) }),
  /** The version this one was made from: the retrieval half a ranker was added to. */
  parent: z.string().nullable(),
  counts: z.object({
    items: z.number().int().nonnegative(),
    users: z.number().int().nonnegative(),
    actions: z.number().int().nonnegative(),
  }),
  /** Hash of the catalogue's field definitions. */
  fieldsHash: z.string(),
  /** Hash of the ranking features its ranker reads: names, versions and columns. */
  featuresHash: z.string().nullable(),
  embedder: z.object({ id: z.string(), dimensions: z.number().int().positive() }).nullable(),
  textEncoder: z.object({ id: z.string(), dimensions: z.number().int().positive() }).nullable(),
  index: z
    .object({
      kind: z.enum(['hnsw', 'exact']),
      parameters: z.record(z.string(), z.number()),
      /** Share of the exact top k that the index finds, measured at the build. */
      recall: z.number().min(0).max(1),
      k: z.number().int().positive(),
    })
    .nullable(),
  /** `null`: serves in retrieval order. */
  ranker: z
    .object({
      id: z.string(),
      columns: z.array(z.string()),
      /** Time of the newest event it was fitted on, milliseconds. */
      learnedUntil: z.number(),
      /** Why it was let through, and whether by force. */
      gate: gateSchema.optional(),
    })
    .nullable(),
  /** What orders searches; `null`: the untrained relevance does. */
  searchRanker: z
    .object({
      id: z.string(),
      featuresHash: z.string(),
      /** Judgments, clicks, or both. */
      taughtBy: z.string().default('judgments'),
      /** Time of the newest clicked search it was fitted on, milliseconds. */
      learnedUntil: z.number().default(0),
      gate: gateSchema.optional(),
    })
    .nullable()
    .default(null),
  /** Next offsets of the topics the build had read, so that live changes since are replayed onto it. */
  positions: z.object({
    'enriched-events': z.record(z.string(), z.number()),
    catalogue: z.record(z.string(), z.number()),
  }),
  /** Named figures of the evaluation, such as `validation.ndcg@10`. */
  metrics: z.record(z.string(), z.number()),
  backend: z.string(),
  seed: z.number().int(),
  files: z.array(fileSchema),
});

export type Manifest = z.infer<typeof manifestSchema>;
