import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import type { Clock } from '../../src/domain/clock.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';

export interface Cursors {
  /** State into a token that can be put in a URL: compressed, signed, and good for a limited time. */
  seal(state: JsonValue): string;
  /** @throws UserError (400) for a token that was changed, made elsewhere, or has expired */
  open(token: string): JsonValue;
}

/** A token longer than this was not made here. */
const LONGEST = 65_536;
/** What a token may unfold to, so that a forged one cannot fill the memory (it would not pass the signature either). */
const LARGEST_STATE = 1_048_576;

/** Shorter states, which are most, are not compressed: that takes longer than all the rest. */
const WORTH_PACKING = 512;
/** The first byte of what is signed says whether the rest is compressed. */
const PLAIN = Buffer.of(0);
const PACKED = Buffer.of(1);

const envelopeSchema = z.object({ expires: z.number(), state: z.json() });

/** @param ttlMs how long a cursor is good for; @param secret the same on all replicas */
export function createCursors({ secret, clock, ttlMs = 3_600_000 }: { secret: string; clock: Clock; ttlMs?: number }): Cursors {
  const sign = (body: Buffer): Buffer =>
    createHmac('sha256', secret).update('winnow-cursor-1').update(body).digest().subarray(0, 16);
  return {
    seal(state) {
      const text = Buffer.from(JSON.stringify({ expires: clock() + ttlMs, state }), 'utf8');
      const body = text.length < WORTH_PACKING ? Buffer.concat([PLAIN, text]) : Buffer.concat([PACKED, deflateRawSync(text)]);
      return Buffer.concat([sign(body), body]).toString('base64url');
    },
    open(token) {
      if (token.length > LONGEST || !/^[A-Za-z0-9_-]+$/.test(token)) throw refusal('is not a cursor of this service');
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(16);
      // One text for one token: base64 lets the last character vary without changing the bytes.
      if (bytes.toString('base64url') !== token || bytes.length <= 16 || !timingSafeEqual(bytes.subarray(0, 16), sign(body)))
        throw refusal('is not a cursor of this service, or was changed');
      const json: unknown = JSON.parse(unpack(body).toString('utf8'));
      const { expires, state } = envelopeSchema.parse(json);
      if (expires < clock()) throw refusal('has expired: begin again from the first page');
      return state;
    },
  };
}

const unpack = (body: Buffer): Buffer =>
  body[0] === PACKED[0] ? inflateRawSync(body.subarray(1), { maxOutputLength: LARGEST_STATE }) : body.subarray(1);

function refusal(message: string): UserError {
  return new UserError(`cursor: ${message}`, { issues: [{ path: 'cursor', message }] });
}
