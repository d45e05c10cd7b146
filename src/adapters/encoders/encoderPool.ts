import { Worker } from 'node:worker_threads';
import { UserError } from '../../domain/errors.ts';
import { type EncoderAnswer, type EncoderSpec, parseAnswer } from './encoderSpec.ts';

/** Texts of one message: enough for full batches of like lengths, few enough to share out evenly. */
const JOB = 128;

/** What runs in the threads: only what its encoder needs is loaded. */
const PROGRAMS = { onnx: 'onnxThread', 'use-lite': 'useLiteThread' } as const;

/** A thread's short-lived objects are few; by default room is kept for many. */
const LIMITS = { maxYoungGenerationSizeMb: 2 };

type Encoded = Extract<EncoderAnswer, { vectors: unknown }>;

interface Job {
  readonly texts: readonly string[];
  readonly resolve: (answer: Encoded) => void;
  readonly reject: (error: unknown) => void;
}

export interface PoolOptions {
  readonly size: number;
  /** Milliseconds after which threads without work are let go; absent, they stay. */
  readonly idle?: number;
}

export interface EncoderPool {
  /** What runs in the threads. */
  describe(): Promise<{ readonly id: string; readonly dimensions: number }>;
  /** Vectors in the order of the texts. Rejects when a thread dies; the next call starts afresh. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  /** Ends the threads; what they were doing rejects. */
  close(): Promise<void>;
}

/** Threads that encode texts. They start when there is something to do, and do not keep the process alive. */
export function createEncoderPool(spec: EncoderSpec, { size, idle: idleTime }: PoolOptions): EncoderPool {
  const all = new Set<Worker>();
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  const waiting: Job[] = [];
  let timer: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    const program = PROGRAMS[spec.kind];
    const file = import.meta.url.endsWith('.ts') ? 'thread.cjs' : `${program}.js`;
    const worker = new Worker(new URL(`./${file}`, import.meta.url), {
      argv: [program],
      workerData: spec,
      resourceLimits: LIMITS,
    });
    all.add(worker);
    worker.on('message', (message: unknown) => {
      finish(worker, parseAnswer(message));
      const next = waiting.shift();
      if (next === undefined) rest(worker);
      else give(worker, next);
    });
    worker.on('error', (error) => lose(worker, error));
    worker.on('exit', () => lose(worker, new Error('the thread of the text encoder ended')));
    return worker;
  };
  const give = (worker: Worker, job: Job): void => {
    busy.set(worker, job);
    worker.ref();
    worker.postMessage(job.texts);
  };
  const finish = (worker: Worker, answer: EncoderAnswer): void => {
    const job = busy.get(worker);
    busy.delete(worker);
    worker.unref();
    if ('vectors' in answer) job?.resolve(answer);
    else job?.reject(answer.isUserError ? new UserError(answer.error) : new Error(answer.error));
  };
  const lose = (worker: Worker, error: Error): void => {
    all.delete(worker);
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    busy.get(worker)?.reject(error);
    busy.delete(worker);
    if (all.size === 0) for (const left of waiting.splice(0)) left.reject(error);
  };
  const rest = (worker: Worker): void => {
    idle.push(worker);
    if (idleTime === undefined) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const unused of idle.splice(0)) {
        all.delete(unused);
        void unused.terminate();
      }
    }, idleTime);
    timer.unref();
  };
  const run = (texts: readonly string[]): Promise<Encoded> =>
    new Promise((resolve, reject) => {
      const job = { texts, resolve, reject };
      const worker = idle.pop() ?? (all.size < size ? start() : undefined);
      if (worker === undefined) waiting.push(job);
      else give(worker, job);
    });

  return {
    describe: () => run([]),
    async embed(texts) {
      // Texts of like length together, the longest first so that the threads end at about the same time.
      const order = texts.map((_, i) => i).sort((a, b) => (texts[b]?.length ?? 0) - (texts[a]?.length ?? 0));
      const jobs: number[][] = [];
      for (let start = 0; start < order.length; start += JOB) jobs.push(order.slice(start, start + JOB));
      const answers = await Promise.all(jobs.map((rows) => run(rows.map((i) => texts[i] ?? ''))));
      const vectors: Float32Array[] = [];
      jobs.forEach((rows, job) => {
        rows.forEach((i, row) => {
          const vector = answers[job]?.vectors[row];
          if (vector !== undefined) vectors[i] = vector;
        });
      });
      return vectors;
    },
    async close() {
      clearTimeout(timer);
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}
