import { type Random, shuffle } from '../../domain/random.ts';
import type { Sequences } from '../../retrieval/interactions.ts';
import type { HistoryWindows } from './pool.ts';

/** The targets of one step, and the stretches of history before them, one after another. */
export interface Batch {
  /** Items of the history rows. */
  readonly rows: Int32Array;
  readonly windows: HistoryWindows;
  /** What came next, one for each window. */
  readonly targets: Int32Array;
}

/** A stretch of one sequence: the entries from `start` up to `end` are targets. */
interface Chunk {
  readonly begin: number;
  readonly start: number;
  readonly end: number;
}

const CHUNK_TARGETS = 256;

/**
 * Which entries are learned from: all but the first of a sequence, and but those whose item the sequence had before, since
 * what someone has seen is not recommended again.
 */
export function targetMask(sequences: Sequences, itemCount: number): Uint8Array {
  const { offsets, items } = sequences;
  const mask = new Uint8Array(items.length);
  const lastActor = new Int32Array(itemCount).fill(-1);
  for (let a = 0; a + 1 < offsets.length; a++) {
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      if (i > offsets[a]! && lastActor[items[i]!] !== a) mask[i] = 1;
      lastActor[items[i]!] = a;
    }
  }
  return mask;
}

/** Cuts the sequences into batches of about `batchPositions` targets, in an order drawn anew for each epoch. */
export function createBatches(sequences: Sequences, mask: Uint8Array, historyLength: number, batchPositions: number) {
  const { offsets, items } = sequences;
  const chunks: Chunk[] = [];
  let positions = 0;
  for (let a = 0; a + 1 < offsets.length; a++) {
    const begin = offsets[a]!;
    for (let start = begin + 1; start < offsets[a + 1]!; start += CHUNK_TARGETS) {
      const end = Math.min(start + CHUNK_TARGETS, offsets[a + 1]!);
      chunks.push({ begin: Math.max(begin, start - historyLength), start, end });
    }
    for (let i = begin; i < offsets[a + 1]!; i++) positions += mask[i]!;
  }
  return {
    positions,
    stepsPerEpoch: Math.max(1, Math.ceil(positions / batchPositions)),
    *epoch(random: Random): Generator<Batch> {
      shuffle(chunks, random);
      let next = 0;
      const steps = Math.max(1, Math.ceil(positions / batchPositions));
      let left = positions;
      for (let step = 0; step < steps && next < chunks.length; step++) {
        const wanted = Math.ceil(left / (steps - step));
        const chosen: Chunk[] = [];
        let taken = 0;
        while (next < chunks.length && (taken < wanted || step === steps - 1)) {
          const chunk = chunks[next++]!;
          chosen.push(chunk);
          for (let i = chunk.start; i < chunk.end; i++) taken += mask[i]!;
        }
        left -= taken;
        if (taken > 0) yield assemble(chosen, taken, items, mask, historyLength);
      }
    },
  };
}

function assemble(chunks: readonly Chunk[], taken: number, items: Int32Array, mask: Uint8Array, historyLength: number): Batch {
  const rowCount = chunks.reduce((sum, chunk) => sum + chunk.end - 1 - chunk.begin, 0);
  const rows = new Int32Array(rowCount);
  const last = new Int32Array(taken);
  const length = new Int32Array(taken);
  const targets = new Int32Array(taken);
  let row = 0;
  let t = 0;
  for (const { begin, start, end } of chunks) {
    rows.set(items.subarray(begin, end - 1), row);
    for (let i = start; i < end; i++) {
      if (mask[i] === 0) continue;
      last[t] = row + (i - 1 - begin);
      length[t] = Math.min(historyLength, i - begin);
      targets[t] = items[i]!;
      t++;
    }
    row += end - 1 - begin;
  }
  return { rows, windows: { last, length }, targets };
}
