import { z } from 'zod';
import type { JsonValue } from '../domain/json.ts';

/** When the log took the newest record of each kind that the store has applied, milliseconds: from it features' ages are told. */
export interface Newest {
  readonly actions?: number;
  readonly impressions?: number;
  readonly catalogue?: number;
}

/** Its name in the store's metadata. */
export const NEWEST = 'newest';

const newestSchema = z.object({
  actions: z.number().optional(),
  impressions: z.number().optional(),
  catalogue: z.number().optional(),
});

export function readNewest(stored: JsonValue | undefined): Newest {
  const parsed = newestSchema.safeParse(stored ?? {});
  return parsed.success ? parsed.data : {};
}

/** The same object where the record is not newer. */
export const withNewest = (newest: Newest, kind: keyof Newest, appendedAt: number): Newest =>
  appendedAt > (newest[kind] ?? Number.NEGATIVE_INFINITY) ? { ...newest, [kind]: appendedAt } : newest;
