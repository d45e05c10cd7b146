import { z } from 'zod';
import type { JsonValue } from '../../src/domain/json.ts';

/** Offsets by partition, as ranges [first, after the last], in order. */
export type SentRanges = Readonly<Record<string, readonly (readonly [number, number])[]>>;

const rangesSchema = z.record(z.string(), z.array(z.tuple([z.number(), z.number()]).readonly()).readonly());

export const readSent = (stored: JsonValue | undefined): SentRanges => rangesSchema.parse(stored ?? {});

export const isSent = (ranges: SentRanges, partition: number, offset: number): boolean =>
  (ranges[partition] ?? []).some(([start, end]) => start <= offset && offset < end);

/** With one more offset; neighbours become one range. */
export function withSent(ranges: SentRanges, partition: number, offset: number): SentRanges {
  const all: (readonly [number, number])[] = [...(ranges[partition] ?? []), [offset, offset + 1] as const];
  all.sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [start, end] of all) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return { ...ranges, [partition]: joined };
}
