import type { LoopConfig } from '../config/schema.ts';
import type { Clock } from '../domain/clock.ts';
import type { EventLog, LogRecord, Topic } from '../ports/eventLog.ts';
import { readIdentities } from './identities.ts';
import { catalogueChangeSchema } from './schemas.ts';

const DAY = 24 * 60 * 60_000;
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

/** How many records went away, by topic. */
export type MaintainReport = Readonly<Partial<Record<Topic, number>>>;

/**
 * Takes out of the log what erased users and the sessions that became them did before their erasure, their attributes included,
 * and events that were logged longer ago than `loop.retentionDays`. The erasure's own record stays, so that whoever reads the
 * log from its beginning knows of it. @throws UnavailableError
 */
export async function maintainLog({ log, config, clock }: MaintainParts): Promise<MaintainReport> {
  const identities = await readIdentities(log);
  const { retentionDays } = config.loop;
  const oldest = retentionDays === undefined ? Number.NEGATIVE_INFINITY : clock() - retentionDays * DAY;
  const isErased = (record: LogRecord): boolean => {
    const key = actorKeyOf(record.key);
    return key !== undefined && identities.isErased(key, record.appendedAt);
  };
  const report: Partial<Record<Topic, number>> = {};
  for (const topic of EVENT_TOPICS) {
    report[topic] = await log.compact(topic, (record) => record.appendedAt < oldest || isErased(record));
  }
  if (identities.erased.size > 0) {
    report['catalogue'] = await log.compact('catalogue', (record) => {
      if (!isErased(record)) return false;
      const { kind } = catalogueChangeSchema.parse(record.value);
      return kind === 'user.put';
    });
  }
  return report;
}

function actorKeyOf(key: string): `user:${string}` | `session:${string}` | undefined {
  if (key.startsWith('user:')) return `user:${key.slice('user:'.length)}`;
  return key.startsWith('session:') ? `session:${key.slice('session:'.length)}` : undefined;
}
