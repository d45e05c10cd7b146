import { createHash } from 'node:crypto';
import type { Fields } from '../../src/domain/item.ts';

/** Hash of an item's or user's fields, whatever their order. 96 bits. */
export function contentHash(fields: Fields): string {
  const ordered = Object.keys(fields)
    .sort()
    .map((name) => [name, fields[name]]);
  return createHash('sha1').update(JSON.stringify(ordered)).digest('base64url').slice(0, 16);
}
