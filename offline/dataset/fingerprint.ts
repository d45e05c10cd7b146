import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { JsonValue } from '../../src/domain/json.ts';

/** A hash of a file's bytes and of the settings it is read with: the same means that importing it again changes nothing. */
export async function sourceFingerprint(path: string, settings: JsonValue): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex').slice(0, 32);
}
