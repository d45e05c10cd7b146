import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { JsonFields } from '../items.ts';
import { jsonValue } from './json.ts';

/** `{ "fields": { … } }`, or the fields themselves. */
export const fieldsBody = z
  .record(z.string(), jsonValue)
  .meta({ description: 'Fields by name, as they are or under "fields"; null or absent is a missing value.' });

/** @throws UserError when the body's own id is another than the path's */
export function fieldsOf(body: JsonFields, id: string): JsonFields {
  const { id: own, ...rest } = body;
  if (own !== undefined && own !== id) throw new UserError('The body names another id than the path.', { issues: [ID_ISSUE] });
  const { fields, ...others } = rest;
  if (fields === undefined || fields === null || typeof fields !== 'object' || Array.isArray(fields)) return rest;
  if (Object.keys(others).length > 0) return rest;
  return Object.fromEntries(Object.entries(fields));
}

const ID_ISSUE = { path: 'id', message: 'differs from the id in the path' };
