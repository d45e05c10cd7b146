import * as z from 'zod/mini';
import { type List, listAnswer } from './answers.ts';
import { ApiError, get, type Parameters, send } from './api.ts';
import { actor, randomId, rememberInSession, who } from './state.ts';

const verdicts = z.object({
  verdicts: z.array(
    z.object({ accepted: z.boolean(), errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))) }),
  ),
});

/** Tells the service what the person did, as any site would. @throws ApiError when it was not accepted */
export async function sendAction(type: string, itemId: string, requestId: string, position: number): Promise<void> {
  const event = {
    id: randomId(),
    type,
    schemaVersion: 1,
    occurredAt: Date.now(),
    payload: { ...actor(), itemId, requestId, position },
  };
  const answer = await send(verdicts, 'POST', '/events', { events: [event] });
  const refused = answer.verdicts.find(({ accepted }) => !accepted);
  if (refused !== undefined) throw new ApiError(400, 'The event was not accepted.', refused.errors ?? []);
  rememberInSession(itemId);
}

const PAUSE = 100;

/**
 * Waits until a list shows the effect of an action: effects come from consumers of the log, a moment after the event was
 * accepted. Looks, for so many tries, without recording an impression, so that waiting is not counted as showing.
 */
export async function untilChanged(path: string, parameters: Parameters, before: List, tries: number): Promise<void> {
  if (who()?.kind === 'session') return;
  for (let i = 0; i < tries; i++) {
    const { data } = await get(listAnswer, path, { ...parameters, record: false });
    if (order(data) !== order(before)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

const order = (list: List): string => JSON.stringify(list.items.map(({ id }) => id));
