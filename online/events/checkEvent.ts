import { z } from 'zod';
import type { FieldIssue } from '../../src/domain/errors.ts';
import type { RawEvent } from '../../src/domain/event.ts';

const MAX_ID = 512;
/** Ids are kept byte for byte, so what has no bytes in UTF-8 (half a surrogate pair) or ends strings elsewhere is refused. */
const text = z
  .string()
  .min(1)
  .max(MAX_ID)
  .refine((value) => !/\p{Surrogate}|\0/u.test(value), 'expected text without NUL and without half surrogate pairs');

const timeSchema = z.union([
  z.number().int().min(0).max(8.64e15),
  z.iso.datetime({ offset: true }).transform((value) => Date.parse(value)),
]);

const eventSchema = z.strictObject({
  id: text,
  type: text,
  schemaVersion: z.number().int().min(1).max(999_999),
  occurredAt: timeSchema,
  payload: z.record(z.string(), z.json()),
});

export type CheckedEvent =
  | { readonly event: RawEvent; readonly issues?: undefined }
  | { readonly event?: undefined; readonly id: string | null; readonly issues: readonly FieldIssue[] };

/** The collector's top-level check: what an event of any type has. The payload is the enricher's to validate. */
export function checkEvent(value: unknown, path: string): CheckedEvent {
  const parsed = eventSchema.safeParse(value);
  if (parsed.success) return { event: parsed.data };
  const named = z.object({ id: text }).safeParse(value);
  return {
    id: named.success ? named.data.id : null,
    issues: parsed.error.issues.map((issue) => ({
      path: [path, ...issue.path.map(String)].join('.'),
      message: issue.path[0] === 'occurredAt' ? 'expected milliseconds since the epoch, or ISO 8601' : issue.message,
    })),
  };
}
