import { z } from 'zod';

/** One process's metrics, as prom-client gives them as JSON. */
const metrics = z.array(z.record(z.string(), z.unknown()));
export type MetricsJson = z.infer<typeof metrics>;

/** What a worker tells the primary. */
export const fromWorker = z.discriminatedUnion('kind', [
  /** It answers requests from now on. */
  z.object({ kind: z.literal('serving'), url: z.string() }),
  /** It was asked for metrics, and wants those of all workers. */
  z.object({ kind: z.literal('gather'), id: z.string() }),
  /** Its own metrics. */
  z.object({ kind: z.literal('metrics'), id: z.string(), metrics }),
]);
export type FromWorker = z.infer<typeof fromWorker>;

/** What the primary tells a worker. */
export const fromPrimary = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('collect'), id: z.string() }),
  z.object({ kind: z.literal('gathered'), id: z.string(), text: z.string() }),
]);
export type FromPrimary = z.infer<typeof fromPrimary>;
