import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/domain/errors.ts';
import type { Logger } from '../../src/logging/logger.ts';
import { createGatherer } from './gatherer.ts';
import { type FromPrimary, fromWorker } from './messages.ts';

/** A worker that keeps ending before it serves is started again after twice as long each time, from and up to these. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export interface SuperviseOptions {
  readonly count: number;
  /** Arguments of this program for a worker; the events are worked through by the one that is given `loop`. */
  readonly argumentsOf: (role: { readonly loop: boolean }) => readonly string[];
  readonly logger: Logger;
  /** Told once, when all workers serve. */
  readonly onReady: (url: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs workers that share one port, and starts another where one ends, until the signal aborts; then lets each end in order.
 * @throws UserError where a worker ends before any has served: it has said why
 */
export async function supervise({ count, argumentsOf, logger, onReady, signal }: SuperviseOptions): Promise<void> {
  const serving = new Map<number, Worker>();
  const gatherer = createGatherer();
  let everServed = false;

  const receive = async (worker: Worker, raw: unknown): Promise<void> => {
    const message = fromWorker.safeParse(raw).data;
    if (message?.kind === 'metrics') gatherer.take(worker, message.id, message.metrics);
    if (message?.kind === 'gather') {
      const answer: FromPrimary = { kind: 'gathered', id: message.id, text: await gatherer.gather([...serving.values()]) };
      if (worker.isConnected()) worker.send(answer);
    }
    if (message?.kind !== 'serving') return;
    serving.set(worker.id, worker);
    logger.info('worker serves', { worker: worker.process.pid });
    if (serving.size === count && !everServed) {
      everServed = true;
      onReady(message.url);
    }
  };

  /** One worker's life. @returns whether it had served */
  const live = (loop: boolean): Promise<boolean> =>
    new Promise((resolve) => {
      cluster.setupPrimary({ args: [...argumentsOf({ loop })] });
      const worker = cluster.fork();
      logger.info('worker started', { worker: worker.process.pid, loop });
      worker.on('message', (raw: unknown) => void receive(worker, raw));
      worker.once('exit', (code, cause) => {
        const served = serving.delete(worker.id);
        const how = { worker: worker.process.pid, loop, code, signal: cause };
        if (signal.aborted) logger.info('worker stopped', how);
        else logger.error('worker ended', how);
        resolve(served);
      });
    });

  const keep = async (loop: boolean): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const served = await live(loop);
      if (signal.aborted) return;
      if (!served && !everServed) throw new UserError('a worker could not start; its own message above says why');
      if (served) pause = FIRST_PAUSE_MS;
      else {
        await sleep(pause, undefined, { signal }).catch(() => {});
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  };

  const endAll = () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  };
  signal.addEventListener('abort', endAll, { once: true });
  try {
    await Promise.all(Array.from({ length: count }, (_, slot) => keep(slot === 0)));
  } finally {
    endAll();
  }
}
