import { Worker } from 'node:worker_threads';
import { z } from 'zod';

/** Texts of one message: enough for full batches of like lengths, few enough to share out evenly. */
const JOB = 128;
/** Milliseconds after which workers without work are let go. */
const IDLE = 5000;

const answerSchema = z.array(z.instanceof(Float32Array));

interface Job {
  readonly texts: readonly string[];
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface EncoderPool {
  /** Vectors in the order of the texts. Rejects when a worker dies; the next call starts afresh. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
}

/**
 * Encodes many texts on several cores: threads that each run a module which answers lists of texts with lists of vectors. They
 * start with the first call, do not keep the process alive, and go when they have had nothing to do for a while.
 */
export function createEncoderPool(module: URL, size: number): EncoderPool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: Job[] = [];
  let timer: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: module.href });
    worker.unref();
    all.add(worker);
    return worker;
  };
  const give = (worker: Worker, job: Job): void => {
    worker.ref();
    const finish = (): void => {
      worker.removeAllListeners('message');
      worker.removeAllListeners('error');
      worker.unref();
    };
    worker.once('message', (answer: unknown) => {
      finish();
      const vectors = answerSchema.safeParse(answer);
      if (vectors.success) job.resolve(vectors.data);
      else job.reject(new Error(`a text encoder's thread failed: ${answer}`));
      const next = waiting.shift();
      if (next === undefined) rest(worker);
      else give(worker, next);
    });
    worker.once('error', (error) => {
      finish();
      all.delete(worker);
      job.reject(error);
      for (const left of waiting.splice(0)) left.reject(error);
    });
    worker.postMessage(job.texts);
  };
  const rest = (worker: Worker): void => {
    idle.push(worker);
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const unused of idle.splice(0)) {
        all.delete(unused);
        void unused.terminate();
      }
    }, IDLE);
    timer.unref();
  };
  const run = (texts: readonly string[]): Promise<Float32Array[]> =>
    new Promise((resolve, reject) => {
      const job = { texts, resolve, reject };
      const worker = idle.pop() ?? (all.size < size ? start() : undefined);
      if (worker === undefined) waiting.push(job);
      else give(worker, job);
    });

  return {
    async embed(texts) {
      // Texts of like length together, the longest first so that the threads end at about the same time.
      const order = texts.map((_, i) => i).sort((a, b) => (texts[b]?.length ?? 0) - (texts[a]?.length ?? 0));
      const jobs: number[][] = [];
      for (let start = 0; start < order.length; start += JOB) jobs.push(order.slice(start, start + JOB));
      const answers = await Promise.all(jobs.map((rows) => run(rows.map((i) => texts[i] ?? ''))));
      const vectors: Float32Array[] = [];
      jobs.forEach((rows, job) => {
        rows.forEach((i, row) => {
          const vector = answers[job]?.[row];
          if (vector !== undefined) vectors[i] = vector;
        });
      });
      return vectors;
    },
  };
}
