import type { Actor } from '../domain/event.ts';
import { actorKey } from '../features/state/apply.ts';

/** A log entry's key: its actor's entity, so that one person's events keep their order; else a session of its own. */
export const eventKey = (actor: Actor, otherwise: string): string => actorKey(actor) ?? `session:${otherwise}`;
