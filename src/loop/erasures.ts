import { z } from 'zod';
import type { JsonValue } from '../domain/json.ts';

/** Until when, by the log's clock, what an erased actor did is gone: milliseconds by entity key. */
export type Erasures = Readonly<Record<string, number>>;

const erasuresSchema = z.record(z.string(), z.number());

export function readErasures(stored: JsonValue | undefined): Erasures {
  const parsed = erasuresSchema.safeParse(stored ?? {});
  return parsed.success ? parsed.data : {};
}

export const withErasure = (erasures: Erasures, key: string, at: number): Erasures => ({ ...erasures, [key]: at });

/** `-Infinity` for somebody who was never erased. */
export const erasureTime = (erasures: Erasures, key: string): number => erasures[key] ?? Number.NEGATIVE_INFINITY;
