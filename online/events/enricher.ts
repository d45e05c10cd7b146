import type { LoopConfig } from '../../src/config/schema.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { Action, EnrichedEvent, RawEvent } from '../../src/domain/event.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { eventKey } from '../../src/loop/eventKey.ts';
import { type DivertedEvent, rawEventSchema } from '../../src/loop/schemas.ts';
import { eventJson } from '../../src/loop/toJson.ts';
import type { EventLog, LogEntry, LogOutput, LogRecord } from '../../src/ports/eventLog.ts';
import type { SchemaRegistry } from '../../src/ports/schemaRegistry.ts';
import { type Enrichment, type ItemLookup, knownItem } from './enrichment.ts';
import { createLatestSchemas } from './latestSchemas.ts';
import { RecentIds } from './recentIds.ts';
import { runEnrichments } from './runEnrichments.ts';
import { toEvent } from './toEvent.ts';
import { createValidator, type Validator } from './validator.ts';

export const ENRICHER = 'enricher';
const BATCH_RECORDS = 2000;
/** Records of each partition that are looked at again at the start. */
const REMEMBERED = 20_000;
/** How far ahead of the clock an event may be: clocks of devices differ. */
const MAX_AHEAD = 10 * 60_000;

export interface EnricherParts {
  readonly log: EventLog;
  readonly schemas: SchemaRegistry;
  readonly config: {
    readonly eventTypes: Readonly<Record<string, unknown>>;
    readonly loop: Pick<LoopConfig, 'latenessMinutes' | 'deduplicationMinutes'>;
  };
  readonly clock: Clock;
  readonly items: ItemLookup;
  /** The newest action's time that the store knows, milliseconds: what lateness is measured against at first. */
  readonly featureTime?: () => Promise<number | undefined>;
  /** Beyond the lookup of the item. */
  readonly enrichments?: readonly Enrichment[];
  readonly onOutcome?: (outcome: Outcome, count: number) => void;
  readonly onError?: (error: unknown) => void;
}

export type Outcome =
  | { readonly kind: 'enriched' | 'duplicate' }
  | { readonly kind: 'invalid' | 'dead-letter'; readonly reason: string };

export interface Enricher {
  /** Works through `raw-events` until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Sends each raw event on to exactly one of `enriched-events`, `invalid-events` and `dead-letter-events`; what comes out is
 * stored together with the place it was read from, so a crash in between neither loses nor doubles any.
 */
export function createEnricher(parts: EnricherParts): Enricher {
  const validate = createValidator(parts.schemas);
  const lookUpSchemas = createLatestSchemas(parts.schemas, parts.clock, parts.onError);
  const enrichments = [knownItem(parts.items), ...(parts.enrichments ?? [])];
  const recent = new RecentIds(parts.config.loop.deduplicationMinutes);
  let newest: number | undefined;

  const handle = async (batch: readonly LogRecord[]): Promise<readonly LogOutput[]> => {
    const stored = await parts.featureTime?.();
    if (stored !== undefined) newest = Math.max(newest ?? stored, stored);
    await lookUpSchemas(batch);
    const outputs = new Outputs(parts.clock());
    // One place for each event that passes, in the order of the records: what happens to one does not move the others.
    const passed: (EnrichedEvent | undefined)[] = [];
    const actions: { record: LogRecord; raw: RawEvent; action: Action; place: number }[] = [];
    for (const record of batch) {
      const checked = check(record, validate, parts, newest);
      if ('reason' in checked) {
        outputs.invalid(record, checked.reason, checked.detail, checked.raw?.attempt ?? 1);
        continue;
      }
      const { raw, event } = checked;
      if (!recent.add(nameOf(raw, record), record)) {
        outputs.count({ kind: 'duplicate' });
        continue;
      }
      passed.push(event);
      if (event.kind === 'action') {
        newest = Math.max(newest ?? event.occurredAt, event.occurredAt);
        actions.push({ record, raw, action: event, place: passed.length - 1 });
      }
    }
    const results = await runEnrichments(
      enrichments,
      actions.map(({ action }) => action),
    );
    actions.forEach(({ record, raw, place }, i) => {
      const result = results[i]!;
      passed[place] = 'action' in result ? result.action : undefined;
      if ('reason' in result) outputs.deadLetter(record, result.reason, result.detail, raw.attempt ?? 1);
    });
    for (const event of passed) if (event !== undefined) outputs.enriched(event);
    outputs.report(parts.onOutcome);
    return outputs.list();
  };

  /** Remembers what went through just before: a producer may repeat over a restart. */
  const remember = async (): Promise<void> => {
    const to = await parts.log.committed('raw-events', ENRICHER);
    const from = Object.fromEntries(Object.entries(to).map(([partition, next]) => [partition, Math.max(0, next - REMEMBERED)]));
    for await (const batch of parts.log.read('raw-events', { from, to })) {
      for (const record of batch) {
        const checked = check(record, validate, parts, undefined);
        if ('event' in checked) recent.add(nameOf(checked.raw, record), record);
      }
    }
  };

  return {
    async run(signal) {
      await remember();
      const onError = parts.onError;
      const options = onError === undefined ? { signal, maxBatch: BATCH_RECORDS } : { signal, maxBatch: BATCH_RECORDS, onError };
      await parts.log.transform('raw-events', ENRICHER, handle, options);
    },
  };
}

/** A replay is another attempt, and no repetition. */
const nameOf = (raw: RawEvent, record: LogRecord): string => `${raw.id}\0${record.key}\0${raw.attempt ?? 1}`;

type Checked =
  | { readonly raw: RawEvent; readonly event: EnrichedEvent }
  | { readonly raw?: RawEvent; readonly reason: string; readonly detail: string };

function check(record: LogRecord, validate: Validator, parts: EnricherParts, newest: number | undefined): Checked {
  const parsed = rawEventSchema.safeParse(record.value);
  if (!parsed.success) return { reason: 'malformed', detail: 'the record is not a raw event' };
  const raw = parsed.data;
  const violation = validate(raw.type, raw.schemaVersion, raw.payload);
  if (violation !== undefined) return { raw, ...violation };
  if (raw.type !== 'impression' && !(raw.type in parts.config.eventTypes)) {
    return { raw, reason: 'unknown-type', detail: `${raw.type} has a schema but is not one of the configured eventTypes` };
  }
  if (raw.occurredAt > parts.clock() + MAX_AHEAD) {
    return { raw, reason: 'future', detail: `it occurred ${raw.occurredAt - parts.clock()} ms after now` };
  }
  const late = (newest ?? raw.occurredAt) - raw.occurredAt;
  if (late > parts.config.loop.latenessMinutes * 60_000) {
    return {
      raw,
      reason: 'late',
      detail: `it occurred ${late} ms before the newest event, more than loop.latenessMinutes allows`,
    };
  }
  const event = toEvent(raw);
  return 'problem' in event ? { raw, reason: 'nonconforming', detail: event.problem } : { raw, event: event.event };
}

/** What comes of one batch. */
class Outputs {
  readonly #now: number;
  readonly #enriched: LogEntry[] = [];
  readonly #invalid: LogEntry[] = [];
  readonly #deadLetters: LogEntry[] = [];
  readonly #counts = new Map<string, { outcome: Outcome; count: number }>();

  constructor(now: number) {
    this.#now = now;
  }

  enriched(event: EnrichedEvent): void {
    this.#enriched.push({ key: eventKey(event, event.id), value: eventJson(event) });
    this.count({ kind: 'enriched' });
  }

  invalid(record: LogRecord, reason: string, detail: string, attempts: number): void {
    this.#invalid.push(this.#diverted(record, reason, detail, attempts));
    this.count({ kind: 'invalid', reason });
  }

  deadLetter(record: LogRecord, reason: string, detail: string, attempts: number): void {
    this.#deadLetters.push(this.#diverted(record, reason, detail, attempts));
    this.count({ kind: 'dead-letter', reason });
  }

  count(outcome: Outcome): void {
    const name = JSON.stringify(outcome);
    const counted = this.#counts.get(name) ?? { outcome, count: 0 };
    counted.count++;
    this.#counts.set(name, counted);
  }

  report(onOutcome: EnricherParts['onOutcome']): void {
    for (const { outcome, count } of this.#counts.values()) onOutcome?.(outcome, count);
  }

  list(): LogOutput[] {
    return [
      { topic: 'enriched-events', entries: this.#enriched },
      { topic: 'invalid-events', entries: this.#invalid },
      { topic: 'dead-letter-events', entries: this.#deadLetters },
    ];
  }

  #diverted(record: LogRecord, reason: string, detail: string, attempts: number): LogEntry {
    const { partition, offset } = record;
    const diverted = {
      event: record.value,
      reason,
      detail,
      origin: { topic: 'raw-events', partition, offset },
      divertedAt: this.#now,
      attempts,
    } satisfies DivertedEvent;
    const value: JsonValue = diverted;
    return { key: record.key, value };
  }
}
