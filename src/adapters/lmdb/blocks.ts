import { crc32 } from 'node:zlib';
import { UserError } from '../../domain/errors.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { LogEntry, LogRecord } from '../../ports/eventLog.ts';

/** Records of one append, stored as one value. Small enough to decode at once, large enough to be cheap. */
export const BLOCK_RECORDS = 512;
const CHECKSUM_BYTES = 4;

interface BlockBody {
  /** When the log took it. */
  readonly at: number;
  readonly keys: readonly string[];
  readonly values: readonly JsonValue[];
  /** Offsets counted from the block's first; absent while nothing has been dropped. */
  readonly places?: readonly number[];
}

/** Checksum, then JSON. A block is named by its first offset, so that its bytes do not depend on where it goes. */
export function encodeBlock(entries: readonly LogEntry[], at: number, places?: readonly number[]): Buffer {
  const keys = entries.map((entry) => entry.key);
  const values = entries.map((entry) => entry.value);
  const body: BlockBody = places === undefined ? { at, keys, values } : { at, keys, values, places };
  const json = Buffer.from(JSON.stringify(body));
  const bytes = Buffer.allocUnsafe(json.length + CHECKSUM_BYTES);
  bytes.writeUInt32LE(crc32(json), 0);
  json.copy(bytes, CHECKSUM_BYTES);
  return bytes;
}

/** @throws UserError when the bytes are not what was written */
export function decodeBlock(bytes: Buffer, first: number): LogRecord[] {
  const json = bytes.subarray(CHECKSUM_BYTES);
  if (bytes.length < CHECKSUM_BYTES || crc32(json) !== bytes.readUInt32LE(0)) {
    throw new UserError(`the event log is damaged at offset ${first}: the checksum does not fit`, { status: 500 });
  }
  const { at, keys, values, places }: BlockBody = JSON.parse(json.toString());
  return keys.map((key, i) => ({
    key,
    value: values[i] ?? null,
    partition: 0,
    offset: first + (places?.[i] ?? i),
    appendedAt: at,
  }));
}
