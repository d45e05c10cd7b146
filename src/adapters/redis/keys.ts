import type { EntityKey, EntityKind } from '../../domain/state.ts';

/**
 * Every key of the store. The prefix is a hash tag: on a cluster all of a store's keys share a slot, so that one script can
 * change any of them atomically.
 */
export class RedisKeys {
  readonly #root: string;

  constructor(prefix: string) {
    this.#root = `{${prefix}}:`;
  }

  entity = (key: EntityKey): string => `${this.#root}e:${key}`;
  entityOf = (stored: string): string => stored.slice(`${this.#root}e:`.length);
  /** Redis glob for all entities of a kind; the prefix's own special characters are taken as they are. */
  entities = (kind: EntityKind): string => `${this.#root.replace(/[\\*?[\]]/g, '\\$&')}e:${kind}:*`;
  watermark = (consumer: string, partition: number): string => `${this.#root}w:${partition}:${consumer}`;
  sequence = (): string => `${this.#root}sequence`;
  meta = (name: string): string => `${this.#root}m:${name}`;
}
