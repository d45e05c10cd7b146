import { randomUUID } from 'node:crypto';
import { UnavailableError } from '../../src/domain/errors.ts';
import { type FromWorker, fromPrimary, type MetricsJson } from './messages.ts';

/** How long the other workers' metrics are waited for. */
const GATHER_MS = 2000;

/** A worker's end of the channel to the primary. */
export interface WorkerChannel {
  /** Says that requests are answered from now on. */
  serving(url: string): void;
  /** Metrics of all workers in Prometheus' text format. @throws UnavailableError */
  gather(): Promise<string>;
  /** Answers no more. */
  close(): void;
}

/** @param own this process's metrics, measured when they are asked for; absent until there are any */
export function openWorkerChannel(own: () => Promise<MetricsJson>): WorkerChannel {
  const waiting = new Map<string, (text: string) => void>();
  const send = (message: FromWorker) => void process.send?.(message);
  const receive = async (raw: unknown): Promise<void> => {
    const message = fromPrimary.safeParse(raw).data;
    if (message?.kind === 'gathered') waiting.get(message.id)?.(message.text);
    if (message?.kind === 'collect') send({ kind: 'metrics', id: message.id, metrics: await own() });
  };
  process.on('message', receive);
  return {
    serving: (url) => send({ kind: 'serving', url }),
    gather() {
      const id = randomUUID();
      return new Promise<string>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new UnavailableError('The other workers’ metrics did not come in time.')),
          GATHER_MS,
        );
        waiting.set(id, resolve);
        send({ kind: 'gather', id });
        timer.unref();
      }).finally(() => waiting.delete(id));
    },
    close: () => void process.off('message', receive),
  };
}
