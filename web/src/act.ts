import * as z from 'zod/mini';
import { type List, listAnswer } from './answers.ts';
import { ApiError, get, type Parameters, send } from './api.ts';
import { actor, randomId, rememberInSession, who } from './state.ts';

/** The collector's verdict on each event, where it gives one. */
const accepted = z.object({ verdicts: z.optional(z.array(z.object({ status: z.string(), reason: z.optional(z.string()) }))) });

/** Tells the service what the person did, as any site would. @throws ApiError when it was not accepted */
export async function sendAction(type: string, itemId: string, requestId: string, position: number): Promise<void> {
  const event = {
    id: randomId(),
    type,
    schemaVersion: 1,
    occurredAt: Date.now(),
    payload: { ...actor(), itemId, requestId, position },
  };
  const { verdicts } = await send(accepted, 'POST', '/events', { events: [event] });
  const refused = verdicts?.find(({ status }) => status !== 'accepted');
  if (refused !== undefined) throw new ApiError(400, refused.reason ?? 'The event was not accepted.', []);
  rememberInSession(itemId);
}

const PAUSE = 150;
const PATIENCE = 20;

/**
 * Waits until a list shows the effect of an action: effects come from consumers of the log, a moment after the event was
 * accepted. Looks without recording an impression, so that waiting is not counted as showing.
 */
export async function untilChanged(path: string, parameters: Parameters, before: List): Promise<void> {
  if (who()?.kind === 'session') return;
  for (let i = 0; i < PATIENCE; i++) {
    const { data } = await get(listAnswer, path, { ...parameters, record: false });
    if (order(data) !== order(before)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

const order = (list: List): string => JSON.stringify(list.items.map(({ id }) => id));
