import type { Removal, StageResult } from '../../src/domain/pipeline.ts';

/** The record of one run: how long stages took, what they left out and why, and what they had to do without. */
export class Trace {
  readonly timings: { readonly stage: string; readonly milliseconds: number }[] = [];
  readonly removed: Removal[] = [];
  /** Parts the answer went on without, each with what was thrown. */
  readonly degraded = new Map<string, unknown>();
  /** Id of the ranker that led the list; absent where its order is retrieval's. */
  ledBy: string | undefined;

  /** Runs a stage under its name. */
  async time<T>(stage: string, run: () => Promise<T> | T): Promise<T> {
    const started = performance.now();
    try {
      return await run();
    } finally {
      this.timings.push({ stage, milliseconds: performance.now() - started });
    }
  }

  /** Notes what a stage removed. @returns what it kept */
  kept<T>(result: StageResult<T>): readonly T[] {
    for (const removal of result.removed) this.removed.push(removal);
    return result.kept;
  }

  /** Forgets what was removed: the stages run again. */
  begin(): void {
    this.removed.length = 0;
  }

  degrade(part: string, error?: unknown): void {
    if (!this.degraded.has(part)) this.degraded.set(part, error);
  }

  /** For the `Server-Timing` header. */
  serverTiming(): string {
    return this.timings.map(({ stage, milliseconds }) => `${stage};dur=${milliseconds.toFixed(2)}`).join(', ');
  }
}
