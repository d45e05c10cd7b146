import type { EntityKey, EntityKind } from '../../domain/state.ts';

/**
 * Every key of the store. What belongs to no entity shares the prefix as its hash tag, so that one script can change any of
 * it. Entities do too on one server; on a cluster each has a slot of its own.
 */
export class RedisKeys {
  readonly #root: string;
  readonly #entities: string;

  constructor(prefix: string, entities: 'together' | 'spread' = 'together') {
    this.#root = `{${prefix}}:`;
    this.#entities = entities === 'together' ? `{${prefix}}:e:` : `${prefix.replace(/[{}]/g, '_')}:e:`;
  }

  entity = (key: EntityKey): string => `${this.#entities}${key}`;
  entityOf = (stored: string): string => stored.slice(this.#entities.length);
  /** Redis glob for all entities of a kind; the prefix's own special characters are taken as they are. */
  entities = (kind: EntityKind): string => `${this.#entities.replace(/[\\*?[\]]/g, '\\$&')}${kind}:*`;
  watermark = (consumer: string, partition: number): string => `${this.#root}w:${partition}:${consumer}`;
  sequence = (): string => `${this.#root}sequence`;
  meta = (name: string): string => `${this.#root}m:${name}`;
  /** Names the journal of a commit whose effects are not yet known to be everywhere. */
  pending = (): string => `${this.#root}pending`;
  journal = (id: string, part: number): string => `${this.#entities}journal:${id}:${part}`;
}
