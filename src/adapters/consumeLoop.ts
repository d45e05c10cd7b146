import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumeOptions, LogOutput, LogRecord, LogTransform } from '../ports/eventLog.ts';

/** A member's hold on a group of a log with one partition. */
export interface Lease {
  /** Milliseconds between renewals. */
  readonly renewEvery: number;
  /** The group's committed place once it is this member's; `undefined` while another member has it. */
  acquire(): Promise<number | undefined>;
  /** Whether it still is. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

export interface LoopParts {
  readonly lease: Lease;
  readonly handler: LogTransform;
  readonly options: ConsumeOptions;
  end(): number;
  batch(from: number, to: number, size: number): readonly LogRecord[];
  /** Stores the outputs and the place together; false when the group is not this member's any more. */
  commit(next: number, outputs: readonly LogOutput[]): Promise<boolean>;
  /** Resolves on news, or after at most so many milliseconds. */
  news(ms: number): Promise<void>;
}

const DEFAULT_BATCH = 1000;
const WAIT_FOR_GROUP = 200;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/** A member's life: waits for the group, works through it batch by batch, tries a batch again when it fails. */
export async function consumeLoop(parts: LoopParts): Promise<void> {
  const { lease, options } = parts;
  const { signal } = options;
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      const committed = await lease.acquire();
      if (committed === undefined) await rest(WAIT_FOR_GROUP, signal);
      else {
        const start = options.start === undefined ? committed : await options.start(0);
        await work(parts, start, () => {
          pause = FIRST_PAUSE;
        });
      }
    } catch (error) {
      options.onError?.(error);
      await rest(pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
  await lease.release().catch((error: unknown) => options.onError?.(error));
}

/** Returns when the signal aborts or the group is lost. @throws what the handler or the log throws */
async function work(parts: LoopParts, start: number, progress: () => void): Promise<void> {
  const { lease, options } = parts;
  let place = start;
  let lost = false;
  let renewedAt = performance.now();
  const renewal = setInterval(() => {
    if (performance.now() - renewedAt < lease.renewEvery) return;
    renewedAt = performance.now();
    lease.renew().then(
      (kept) => {
        lost ||= !kept;
      },
      (error: unknown) => options.onError?.(error),
    );
  }, lease.renewEvery);
  try {
    while (!options.signal.aborted && !lost) {
      const end = parts.end();
      const batch = place < end ? parts.batch(place, end, options.maxBatch ?? DEFAULT_BATCH) : [];
      const last = batch.at(-1);
      // Offsets that compaction emptied up to the end are passed over without a batch.
      const next = last === undefined ? end : last.offset + 1;
      if (last === undefined && place >= end) {
        await parts.news(Number.POSITIVE_INFINITY);
        continue;
      }
      const outputs = last === undefined ? [] : await parts.handler(batch);
      if (!(await parts.commit(next, outputs))) return;
      renewedAt = performance.now();
      place = next;
      progress();
    }
  } finally {
    clearInterval(renewal);
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
