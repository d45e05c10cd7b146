import type { Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { AggregatorRegistry } from 'prom-client';
import type { FromPrimary, MetricsJson } from './messages.ts';

/** A worker that has not told its metrics by then is left out: it is starting, ending, or stuck. */
const COLLECT_MS = 1000;

/** Puts the metrics of all workers together, in the primary. */
export interface Gatherer {
  /** @returns Prometheus' text format */
  gather(workers: readonly Worker[]): Promise<string>;
  /** Takes one worker's answer. */
  take(worker: Worker, id: string, metrics: MetricsJson): void;
}

export function createGatherer(): Gatherer {
  const rounds = new Map<string, { readonly missing: Set<number>; readonly found: MetricsJson[]; readonly done: () => void }>();
  return {
    async gather(workers) {
      const id = randomUUID();
      const found: MetricsJson[] = [];
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, COLLECT_MS);
        const done = () => {
          clearTimeout(timer);
          resolve();
        };
        rounds.set(id, { missing: new Set(workers.map((worker) => worker.id)), found, done });
        const message: FromPrimary = { kind: 'collect', id };
        for (const worker of workers) worker.send(message);
      });
      rounds.delete(id);
      return AggregatorRegistry.aggregate(found).metrics();
    },
    take(worker, id, metrics) {
      const round = rounds.get(id);
      if (round === undefined || !round.missing.delete(worker.id)) return;
      round.found.push(metrics);
      if (round.missing.size === 0) round.done();
    },
  };
}
