import type { FieldDefinitions } from '../../src/config/schema.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { FieldValue, Item } from '../../src/domain/item.ts';

const MOST_KEYS = 4;

/**
 * Reads `year,-title`: fields in order of importance, a minus for descending. Items without the field come last either way;
 * equal items keep their order. `undefined` for an empty order: by relevance.
 * @throws UserError naming what is wrong
 */
export function parseSort(text: string, fields: FieldDefinitions): ((a: Item, b: Item) => number) | undefined {
  const parts = text.split(',').map((part) => part.trim());
  if (text.trim() === '') return undefined;
  if (parts.length > MOST_KEYS) throw wrong(`at most ${MOST_KEYS} fields can order a list`);
  const keys = parts.map((part) => {
    const descending = part.startsWith('-');
    const name = descending ? part.slice(1) : part;
    const definition = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (definition === undefined) {
      throw wrong(
        `${JSON.stringify(name.slice(0, 80))} is not a field of the catalogue; fields are ${Object.keys(fields).join(', ')}`,
      );
    }
    if (definition.type === 'categories') throw wrong(`"${name}" has several values an item and cannot order a list`);
    return { name, sign: descending ? -1 : 1 };
  });
  return (a, b) => {
    for (const { name, sign } of keys) {
      const left = a.fields[name];
      const right = b.fields[name];
      if (left === right) continue;
      if (left === undefined) return 1;
      if (right === undefined) return -1;
      const order = compare(left, right);
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}

const wrong = (message: string): UserError => new UserError(message, { issues: [{ path: 'sort', message }] });

const collator = new Intl.Collator('en', { numeric: true });

function compare(a: FieldValue, b: FieldValue): number {
  if (typeof a === 'string' && typeof b === 'string') return collator.compare(a, b);
  return Number(a) - Number(b);
}
