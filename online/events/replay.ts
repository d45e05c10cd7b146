import { Environment } from '@marcbachmann/cel-js';
import { UserError } from '../../src/domain/errors.ts';
import { rawEventSchema } from '../../src/loop/schemas.ts';
import { rawEventJson } from '../../src/loop/toJson.ts';
import type { EventLog, LogEntry } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { type DivertedRecord, type DivertedTopic, readDiverted } from './diverted.ts';
import { isSent, readSent, withSent } from './sentRanges.ts';

export interface ReplayOptions {
  readonly log: EventLog;
  /** Remembers what has been sent. */
  readonly store: FeatureStore;
  readonly from: 'invalid' | 'dead-letter';
  /**
   * CEL over `reason`, `detail`, `attempts`, `divertedAt` (a timestamp) and `event` (id, type, schemaVersion, occurredAt, payload);
   * all when absent.
   */
  readonly filter?: string;
  /** At most so many. */
  readonly limit?: number;
}

export interface ReplayReport {
  readonly read: number;
  readonly sent: number;
  /** Sent through again before; what became of it then is a record of its own. */
  readonly already: number;
  readonly filteredOut: number;
  /** Cannot be sent, not being an event at all. */
  readonly malformed: number;
}

const BATCH = 500;

/**
 * Sends diverted events through the enricher again, each once: an event that fails again is diverted anew, with one more
 * attempt, and can be replayed again. Killed in between it may send some twice; they then count once, having the same id.
 * @throws UserError for a filter that is no CEL
 */
export async function replayDiverted(options: ReplayOptions): Promise<ReplayReport> {
  const { log, store } = options;
  const topic: DivertedTopic = options.from === 'invalid' ? 'invalid-events' : 'dead-letter-events';
  const keep = compileFilter(options.filter);
  const report = { read: 0, sent: 0, already: 0, filteredOut: 0, malformed: 0 };
  const name = `replayed/${topic}`;
  let stored = await store.getMeta(name);
  let sent = readSent(stored);
  let entries: LogEntry[] = [];
  let chosen: DivertedRecord[] = [];

  const flush = async (): Promise<void> => {
    if (entries.length === 0) return;
    await log.append('raw-events', entries);
    for (const record of chosen) sent = withSent(sent, record.partition, record.offset);
    if (!(await store.setMeta(name, sent, stored))) throw new UserError('another replay of the same topic is running');
    stored = sent;
    report.sent += entries.length;
    entries = [];
    chosen = [];
  };

  for await (const batch of readDiverted(log, topic)) {
    for (const record of batch) {
      report.read++;
      if (options.limit !== undefined && report.sent + entries.length >= options.limit) break;
      const raw = rawEventSchema.safeParse(record.event);
      if (isSent(sent, record.partition, record.offset)) report.already++;
      else if (!raw.success) report.malformed++;
      else if (!keep(record)) report.filteredOut++;
      else {
        entries.push({ key: record.key, value: rawEventJson({ ...raw.data, attempt: record.attempts + 1 }) });
        chosen.push(record);
        if (entries.length >= BATCH) await flush();
      }
    }
  }
  await flush();
  return report;
}

function compileFilter(filter: string | undefined): (record: DivertedRecord) => boolean {
  if (filter === undefined) return () => true;
  const environment = new Environment()
    .registerVariable('reason', 'string')
    .registerVariable('detail', 'string')
    .registerVariable('attempts', 'int')
    .registerVariable('divertedAt', 'google.protobuf.Timestamp')
    .registerVariable('event', 'dyn');
  const checked = environment.check(filter);
  if (!checked.valid) throw new UserError(`--filter: ${checked.error?.message ?? 'no CEL expression'}`);
  if (checked.type !== 'bool' && checked.type !== 'dyn')
    throw new UserError(`--filter: expected a condition, got ${checked.type}`);
  const evaluate = environment.parse(filter);
  return (record) => {
    const scope = {
      reason: record.reason,
      detail: record.detail,
      attempts: BigInt(record.attempts),
      divertedAt: new Date(record.divertedAt),
      event: record.event,
    };
    try {
      return evaluate(scope) === true;
    } catch {
      // A field that this event does not have: the condition does not hold for it.
      return false;
    }
  };
}
