import { randomBytes } from 'node:crypto';
import { compatibilityPartitioner } from '@platformatic/kafka';

const SEPARATOR = 0;
const WRITER = randomBytes(9).toString('base64url');
let written = 0;

/**
 * A record's key in Kafka: the entry's own and, after a last NUL, what no other record has. So compaction keeps every record
 * until a tombstone with its very key says that it goes.
 */
export const recordKey = (key: string): Buffer => Buffer.from(`${key}\0${WRITER}${(written++).toString(36)}`);

/** The entry's own key; whole where another program wrote the record. */
export const entryKey = (stored: Buffer): Buffer => {
  const end = stored.lastIndexOf(SEPARATOR);
  return end < 0 ? stored : stored.subarray(0, end);
};

/** By the entry's own key, as Kafka's clients choose a partition: entries of one key keep their order. */
export const partitionOf: typeof compatibilityPartitioner = (message, key) =>
  compatibilityPartitioner(message, key === undefined ? undefined : entryKey(key));
