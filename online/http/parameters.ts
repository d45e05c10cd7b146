import { z } from 'zod';
import { idProblem } from '../../src/domain/ids.ts';
import { MAX_JSON_DEPTH, nestsDeeperThan } from './depth.ts';
import { jsonValue } from './json.ts';

/** Ids are opaque; what no store could give back byte for byte is refused. */
export const id = z
  .string()
  .superRefine((value, check) => {
    const problem = idProblem(value);
    if (problem !== undefined) check.addIssue({ code: 'custom', message: problem });
  })
  .meta({ description: 'Opaque id, up to 512 bytes.', example: 'i42' });

/** A whole number written in decimal digits. */
const digits = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be from ${from} to ${to}`);

export const limit = (fallback: number) =>
  digits(1, 500).default(fallback).meta({ type: 'integer', minimum: 1, maximum: 500, default: fallback });

export const optionalBool = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((value) => value === 'true')
  .optional()
  .meta({ type: 'boolean' });

export const bool = (fallback: boolean) =>
  z
    .enum(['true', 'false'], 'must be true or false')
    .transform((value) => value === 'true')
    .default(fallback)
    .meta({ type: 'boolean', default: fallback });

/** A CEL expression over `item`, `user`, `request` and `now`; checked against the catalogue's fields where it is parsed. */
/** How long it may be is said by the parser, with the place where it is too long. */
export const filter = z.string().meta({
  description: 'CEL condition that every item of the answer meets, such as `item.year > 1990 && "Drama" in item.genres`.',
});

export const name = z.string().min(1).max(200);
export const cursor = z.string().min(1).max(65_536).meta({ description: '`nextCursor` of the page before.' });

/** Ids separated by commas; an id that holds a comma goes through the POST routes. */
export const idList = (most: number) =>
  z
    .string()
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(id).max(most, `must name at most ${most} items`))
    .meta({ type: 'string', description: 'Ids separated by commas.', example: 'i1,i2' });

export const contextObject = z
  .record(z.string(), jsonValue)
  .meta({ description: 'What the caller knows of the moment (hour, device, region …): `request.context` in expressions.' });

/** `context` in a query string: a JSON object. */
export const contextText = z
  .string()
  .max(10_000)
  .transform((text, check): unknown => {
    if (nestsDeeperThan(Buffer.from(text), MAX_JSON_DEPTH)) {
      check.addIssue({ code: 'custom', message: `must not nest deeper than ${MAX_JSON_DEPTH}` });
      return z.NEVER;
    }
    try {
      return JSON.parse(text);
    } catch {
      check.addIssue({ code: 'custom', message: 'must be a JSON object' });
      return z.NEVER;
    }
  })
  .pipe(contextObject)
  .meta({ type: 'string', description: 'A JSON object; becomes `request.context`.', example: '{"device":"phone"}' });
