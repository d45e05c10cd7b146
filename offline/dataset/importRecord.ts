import { z } from 'zod';
import { type Manifest, manifestSchema } from '../../src/artifacts/manifest.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';

const META = 'import';

const recordSchema = z.object({
  fingerprints: z.object({ items: z.string(), users: z.string().nullable(), events: z.string().nullable() }),
  /** How far the log went: a log that is shorter now is another one, and knows nothing of this import. */
  ends: manifestSchema.shape.positions,
  items: z.number(),
  users: z.number(),
  rejected: z.number(),
});
export type ImportRecord = z.infer<typeof recordSchema>;

/** What the last import that came to its end wrote, if the log still has it. */
export async function lastImport(store: FeatureStore, log: EventLog): Promise<ImportRecord | undefined> {
  const parsed = recordSchema.safeParse(await store.getMeta(META));
  if (!parsed.success) return undefined;
  for (const topic of ['catalogue', 'enriched-events'] as const) {
    const end = await log.end(topic);
    const shorter = Object.entries(parsed.data.ends[topic]).some(([partition, offset]) => (end[partition] ?? 0) < offset);
    if (shorter) return undefined;
  }
  return parsed.data;
}

/** Written after the log has everything: a crash before costs another reading, and repeats nothing. */
export async function recordImport(store: FeatureStore, log: EventLog, record: Omit<ImportRecord, 'ends'>): Promise<void> {
  await store.setMeta(META, { ...record, ends: await logEnds(log) }, await store.getMeta(META));
}

/** How far the log goes by now. */
export const logEnds = async (log: EventLog): Promise<Manifest['positions']> => ({
  'enriched-events': await log.end('enriched-events'),
  catalogue: await log.end('catalogue'),
});
