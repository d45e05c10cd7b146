import { z } from 'zod';
import type { EnrichedEvent, RawEvent, ShownItem } from '../../src/domain/event.ts';

/** What the loop itself needs of a payload, whatever more its schema asks for or allows. */
const id = z.string().min(1);
const actor = { userId: id.optional(), sessionId: id.optional() };
const position = z.number().int().min(1);
const propensity = z.number().positive().max(1);

const actionPayload = z.object({
  ...actor,
  itemId: id,
  value: z.number().optional(),
  requestId: id.optional(),
  position: position.optional(),
});

const impressionPayload = z.object({
  ...actor,
  requestId: id.optional(),
  itemId: id.optional(),
  position: position.optional(),
  items: z.array(z.union([id, z.object({ id, position: position.optional(), propensity: propensity.optional() })])).optional(),
  query: z.string().optional(),
  scenario: z.string().optional(),
});

/** The event its validated payload means, or what a schema let through that the loop cannot use. */
export function toEvent(raw: RawEvent): { readonly event: EnrichedEvent } | { readonly problem: string } {
  if (raw.type === 'impression') return toImpression(raw);
  const parsed = actionPayload.safeParse(raw.payload);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  if (parsed.data.userId === undefined && parsed.data.sessionId === undefined) return { problem: NO_ACTOR };
  return { event: { kind: 'action', id: raw.id, type: raw.type, occurredAt: raw.occurredAt, ...parsed.data } };
}

const NO_ACTOR = 'expected userId or sessionId';

function toImpression(raw: RawEvent): { readonly event: EnrichedEvent } | { readonly problem: string } {
  const parsed = impressionPayload.safeParse(raw.payload);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) };
  const { itemId, position: place, items, requestId, ...rest } = parsed.data;
  if (rest.userId === undefined && rest.sessionId === undefined) return { problem: NO_ACTOR };
  const shown: ShownItem[] =
    items?.map((item, i) =>
      typeof item === 'string' ? { id: item, position: i + 1 } : { ...item, position: item.position ?? i + 1 },
    ) ?? (itemId === undefined ? [] : [{ id: itemId, position: place ?? 1 }]);
  if (shown.length === 0) return { problem: 'expected itemId and position, or items' };
  return {
    event: { kind: 'impression', id: raw.id, requestId: requestId ?? raw.id, occurredAt: raw.occurredAt, items: shown, ...rest },
  };
}
