import type { LoopConfig } from '../config/schema.ts';
import type { Clock } from '../domain/clock.ts';
import type { EventLog, LogRecord, Topic } from '../ports/eventLog.ts';
import { readIdentities } from './identities.ts';
import { retentionOf } from './retention.ts';
import { catalogueChangeSchema } from './schemas.ts';

const EVENT_TOPICS = [
  'raw-events',
  'enriched-events',
  'invalid-events',
  'dead-letter-events',
] as const satisfies readonly Topic[];

export interface MaintainParts {
  readonly log: EventLog;
  readonly config: { readonly loop: Pick<LoopConfig, 'retentionDays'> };
  readonly clock: Clock;
}

export interface MaintainReport {
  /** How many records went away, by topic. */
  readonly removed: Readonly<Partial<Record<Topic, number>>>;
  /** When the newest erasure was that the log has been rid of, to be given the next time. */
  readonly erasedUntil: number;
}

/**
 * Takes out of the log what erased users and the sessions that became them did before their erasure, their attributes included,
 * and events that were logged longer ago than `loop.retentionDays`. The erasure's own record stays, so that whoever reads the
 * log from its beginning knows of it. Only erasures after `erasedUntil` need the log to be read whole.
 * @throws UnavailableError
 */
export async function maintainLog(
  { log, config, clock }: MaintainParts,
  erasedUntil = Number.NEGATIVE_INFINITY,
): Promise<MaintainReport> {
  const identities = await readIdentities(log);
  const newest = [...identities.erased.values()].reduce((latest, at) => Math.max(latest, at), erasedUntil);
  const isErased = (record: LogRecord): boolean => {
    const key = actorKeyOf(record.key);
    return key !== undefined && identities.isErased(key, record.appendedAt);
  };
  const removed: Partial<Record<Topic, number>> = {};
  for (const topic of EVENT_TOPICS) {
    const retention = retentionOf(config.loop.retentionDays, topic);
    const isOld = ({ appendedAt }: LogRecord): boolean => retention !== undefined && appendedAt < clock() - retention;
    if (newest > erasedUntil) removed[topic] = await log.compact(topic, (record) => isOld(record) || isErased(record));
    else if (retention !== undefined) removed[topic] = await log.compact(topic, isOld, { beginningOnly: true });
  }
  if (newest > erasedUntil) {
    removed['catalogue'] = await log.compact('catalogue', (record) => {
      if (!isErased(record)) return false;
      const { kind } = catalogueChangeSchema.parse(record.value);
      return kind === 'user.put';
    });
  }
  return { removed, erasedUntil: newest };
}

function actorKeyOf(key: string): `user:${string}` | `session:${string}` | undefined {
  if (key.startsWith('user:')) return `user:${key.slice('user:'.length)}`;
  return key.startsWith('session:') ? `session:${key.slice('session:'.length)}` : undefined;
}
