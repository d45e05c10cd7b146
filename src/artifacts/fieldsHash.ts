import { createHash } from 'node:crypto';
import type { FieldDefinitions } from '../config/schema.ts';

/** Hash of the catalogue's fields as far as they decide what an item's values mean. Facets and boosts may change freely. */
export function fieldsHash(fields: FieldDefinitions): string {
  const meanings = Object.entries(fields)
    .map(([name, { type }]) => [name, type])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(meanings)).digest('hex').slice(0, 20);
}
