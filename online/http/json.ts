import { z } from 'zod';
import type { JsonValue } from '../../src/domain/json.ts';

/** Any JSON value. Bodies and answers are parsed from JSON text or become it, so presence is all there is to check. */
export const jsonValue = z
  .custom<JsonValue>((value) => value !== undefined, 'must be there')
  .meta({ type: ['object', 'array', 'string', 'number', 'boolean', 'null'] });
