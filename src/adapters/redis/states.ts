import type { Redis } from 'ioredis';
import { UserError } from '../../domain/errors.ts';
import type { EntityKey, EntityKind, EntityState } from '../../domain/state.ts';
import { ask } from './connect.ts';
import type { RedisKeys } from './keys.ts';

const SCAN_COUNT = 500;

/** @throws UserError where another program wrote there */
export function parseState(text: string, key: EntityKey): EntityState {
  const value: unknown = JSON.parse(text);
  if (!isState(value)) throw new UserError(`what Redis holds for ${key} is no entity's state`, { status: 500 });
  return value;
}

/** Shallow: this is on the path of every request, and each feature checks its own entry when it reads it. */
const isState = (value: unknown): value is EntityState =>
  typeof value === 'object' &&
  value !== null &&
  'features' in value &&
  typeof value.features === 'object' &&
  value.features !== null;

/** Keys of all entities of a kind on one server, some at a time. */
export async function* scanKeys(server: Redis, keys: RedisKeys, kind: EntityKind): AsyncGenerator<EntityKey[]> {
  let cursor = '0';
  do {
    const [next, stored] = await ask(server.scan(cursor, 'MATCH', keys.entities(kind), 'COUNT', SCAN_COUNT));
    cursor = next;
    yield stored.map(keys.entityOf).filter(isEntityKey);
  } while (cursor !== '0');
}

const isEntityKey = (key: string): key is EntityKey => /^(?:user|session|item):/.test(key);
