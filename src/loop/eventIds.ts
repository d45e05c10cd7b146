import type { JsonValue } from '../domain/json.ts';

/** Of an actor, at most so many ids are remembered, whatever the horizon. */
export const MAX_EVENT_IDS = 5000;

/**
 * Which events an actor's state holds already: hash and minute of ingestion in turn, oldest first. Kept in the state itself,
 * so that it is stored with the effects, atomically.
 */
export class EventIds {
  readonly #minutes = new Map<number, number>();
  #changed = false;

  constructor(stored: JsonValue | undefined) {
    if (!Array.isArray(stored)) return;
    for (let i = 0; i + 1 < stored.length; i += 2) this.#minutes.set(Number(stored[i]), Number(stored[i + 1]));
  }

  get changed(): boolean {
    return this.#changed;
  }

  /** Whether the id is new; from now on it is not. `at` is the time of ingestion in milliseconds. */
  add(id: string, at: number): boolean {
    const hash = hash53(id);
    if (this.#minutes.has(hash)) return false;
    this.#minutes.set(hash, Math.floor(at / 60_000));
    this.#changed = true;
    return true;
  }

  /** As stored: what is younger than the horizon at `now` (milliseconds), at most `MAX_EVENT_IDS`. */
  stored(now: number, horizonMinutes: number): JsonValue | undefined {
    const oldest = Math.floor(now / 60_000) - horizonMinutes;
    const kept = [...this.#minutes].filter(([, minute]) => minute >= oldest).slice(-MAX_EVENT_IDS);
    return kept.length === 0 ? undefined : kept.flat();
  }
}

/** cyrb53 (public domain, bryc): 53 bits, exact in a double. Two of 5,000 ids collide once in 700 million actors. */
export function hash53(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
