import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

/** Entries that are held in memory; more are written away as sorted runs. */
const RUN_LENGTH = 250_000;
const OUTPUT_BATCH = 4096;
const READ_BYTES = 1 << 18;

/**
 * Sorts any number of JSON entries in bounded memory: sorted runs on disk, merged on the way out (Knuth, The Art of Computer
 * Programming 3, 5.4). What fits into one run never touches the disk.
 */
export class ExternalSorter<T> {
  readonly #parent: string;
  readonly #compare: (a: T, b: T) => number;
  readonly #runLength: number;
  #entries: T[] = [];
  #folder: string | undefined;
  #runs: string[] = [];

  /** @param compare a total order, so that the result does not depend on where runs end */
  constructor(folder: string, compare: (a: T, b: T) => number, runLength = RUN_LENGTH) {
    this.#parent = folder;
    this.#compare = compare;
    this.#runLength = runLength;
  }

  async add(entry: T): Promise<void> {
    this.#entries.push(entry);
    if (this.#entries.length >= this.#runLength) await this.#spill();
  }

  async *sorted(): AsyncGenerator<readonly T[]> {
    if (this.#runs.length === 0) {
      const entries = this.#entries.sort(this.#compare);
      for (let i = 0; i < entries.length; i += OUTPUT_BATCH) yield entries.slice(i, i + OUTPUT_BATCH);
      return;
    }
    if (this.#entries.length > 0) await this.#spill();
    yield* merge(
      this.#runs.map((path) => new RunReader<T>(path)),
      this.#compare,
    );
  }

  async close(): Promise<void> {
    this.#entries = [];
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(this.#parent, 'sort-'));
    const path = join(this.#folder, String(this.#runs.length));
    const entries = this.#entries.sort(this.#compare);
    const file = await open(path, 'wx');
    try {
      for (let i = 0; i < entries.length; i += OUTPUT_BATCH) {
        const lines = entries.slice(i, i + OUTPUT_BATCH).map((entry) => JSON.stringify(entry));
        await file.write(`${lines.join('\n')}\n`);
      }
    } finally {
      await file.close();
    }
    this.#runs.push(path);
    this.#entries = [];
  }
}

/** A run from its beginning, a block at a time. */
class RunReader<T> {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #entries: T[] = [];
  #at = 0;

  constructor(path: string) {
    this.#chunks = createReadStream(path, { highWaterMark: READ_BYTES })[Symbol.asyncIterator]();
  }

  get head(): T | undefined {
    return this.#entries[this.#at];
  }

  /** Goes on to the next entry of the block. @returns whether the block has one */
  advance(): boolean {
    return ++this.#at < this.#entries.length;
  }

  /** Reads the next block. @returns whether there was one */
  async refill(): Promise<boolean> {
    this.#entries = [];
    this.#at = 0;
    while (this.#entries.length === 0) {
      const chunk = await this.#chunks.next();
      if (chunk.done === true) return false;
      const lines = (this.#rest + this.#decoder.write(chunk.value)).split('\n');
      this.#rest = lines.pop() ?? '';
      this.#entries = lines.map((line): T => JSON.parse(line));
    }
    return true;
  }
}

/** Merges runs through a binary heap of their heads. */
async function* merge<T>(readers: readonly RunReader<T>[], compare: (a: T, b: T) => number): AsyncGenerator<readonly T[]> {
  const heap: RunReader<T>[] = [];
  const before = (a: RunReader<T>, b: RunReader<T>) => {
    const [left, right] = [a.head, b.head];
    return left !== undefined && right !== undefined && compare(left, right) < 0;
  };
  for (const reader of readers) if (await reader.refill()) heap.push(reader);
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, before);
  let batch: T[] = [];
  for (;;) {
    const first = heap[0];
    const head = first?.head;
    if (first === undefined || head === undefined) break;
    batch.push(head);
    if (batch.length >= OUTPUT_BATCH) {
      yield batch;
      batch = [];
    }
    if (!first.advance() && !(await first.refill())) {
      const last = heap.pop();
      if (last !== undefined && last !== first) heap[0] = last;
    }
    sink(heap, 0, before);
  }
  if (batch.length > 0) yield batch;
}

function sink<T>(heap: T[], start: number, before: (a: T, b: T) => boolean): void {
  for (let i = start; ; ) {
    let smallest = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      const [candidate, current] = [heap[child], heap[smallest]];
      if (candidate !== undefined && current !== undefined && before(candidate, current)) smallest = child;
    }
    const [a, b] = [heap[i], heap[smallest]];
    if (smallest === i || a === undefined || b === undefined) return;
    heap[i] = b;
    heap[smallest] = a;
    i = smallest;
  }
}
