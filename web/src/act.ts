import * as z from 'zod/mini';
import { userAnswer } from './answers.ts';
import { ApiError, get, send } from './api.ts';
import { actor, randomId, rememberInSession, who } from './state.ts';

const verdicts = z.object({
  verdicts: z.array(
    z.object({ accepted: z.boolean(), errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))) }),
  ),
});

/** Tells the service what the person did, as any site would. @returns when it was, in milliseconds @throws ApiError when it was not accepted */
export async function sendAction(type: string, itemId: string, requestId: string, position: number): Promise<number> {
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
  return event.occurredAt;
}

const PAUSE = 100;

/**
 * Waits until the service knows of an action: effects come from consumers of the log, a moment after the event was accepted. A
 * list is no sign of it, as having been shown moves the next one too. Gives up after so many looks.
 */
export async function untilKnown(itemId: string, at: number, tries: number): Promise<void> {
  const person = who();
  if (person === undefined || person.kind === 'session') return;
  for (let i = 0; i < tries; i++) {
    const answer = await get(userAnswer, `/users/${encodeURIComponent(person.id)}`).catch(() => undefined);
    if (answer?.data.history?.some((entry) => entry.itemId === itemId && entry.at >= at)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
