import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Clock } from '../../src/domain/clock.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';

const HOUR_MS = 3_600_000;
const MAX_STATE_BYTES = 1_048_576;
const SIGNATURE_BYTES = 16;
const TIME_BYTES = 6;

/** State that a caller carries from page to page, and cannot change. Any replica that has the secret can open it. */
export interface Cursors {
  seal(state: JsonValue): string;
  /** @throws UserError when it was changed, is cut off, or is too old */
  open(token: string): unknown;
}

export interface CursorOptions {
  readonly secret: string;
  readonly clock: Clock;
  /** How long a cursor can be used, milliseconds; an hour when absent. */
  readonly ttl?: number;
}

/** Tokens are base64url of signature (HMAC-SHA256, cut to 128 bits), time of expiry, and the deflated state. */
export function createCursors({ secret, clock, ttl = HOUR_MS }: CursorOptions): Cursors {
  const sign = (body: Buffer): Buffer => createHmac('sha256', secret).update(body).digest().subarray(0, SIGNATURE_BYTES);
  return {
    seal(state) {
      const expiry = Buffer.alloc(TIME_BYTES);
      expiry.writeUIntBE(clock() + ttl, 0, TIME_BYTES);
      const body = Buffer.concat([expiry, deflateRawSync(JSON.stringify(state))]);
      return Buffer.concat([sign(body), body]).toString('base64url');
    },
    open(token) {
      const bytes = Buffer.from(token, 'base64url');
      const body = bytes.subarray(SIGNATURE_BYTES);
      // Decoding ignores what is no base64url, so the token must also be the one that these bytes give.
      const whole = bytes.length > SIGNATURE_BYTES + TIME_BYTES && bytes.toString('base64url') === token;
      if (!whole || !timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), sign(body)))
        throw refused('is not one that was given out here');
      if (body.readUIntBE(0, TIME_BYTES) < clock()) throw refused('has expired; start again from the first page');
      return JSON.parse(inflateRawSync(body.subarray(TIME_BYTES), { maxOutputLength: MAX_STATE_BYTES }).toString());
    },
  };
}

const refused = (message: string): UserError => new UserError(`cursor: ${message}`, { issues: [{ path: 'cursor', message }] });
