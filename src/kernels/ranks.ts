import {
  AGAIN_IF,
  body,
  END,
  F32X4_AT_MOST,
  get,
  I32X4_SUBTRACT,
  instantiate,
  LESS,
  LOAD_SPLAT,
  LOOP,
  leb,
  set,
  step,
  V128_LOAD,
  V128_STORE,
} from './code.ts';
import { pages } from './pages.ts';

/** Scores that are held against all others at once: four vectors of four. */
const VECTORS = 4;
const GROUP = 4 * VECTORS;

/** The longest list there is room for. */
const LONGEST = 2 ** 16;

const memory = pages(8 * LONGEST);
const { count } = instantiate(memory, { count: { parameters: 4, results: 0, body: counting() } });

/**
 * Ranks within the list from 1, best first; of equal scores, all get the best rank. What is not a number is ranked last, and
 * counts as above all others. Every score is held against every other, sixteen at once: of hundreds that takes half as long as
 * sorting them, of 5,000, the most candidates there may be, twice as long.
 * @throws Error for a list of more than 65,536
 */
export function ranksOf(scores: Float32Array): Float32Array {
  const size = scores.length;
  if (size > LONGEST) throw new Error(`a list of ${size} is too long to rank`);
  const room = Math.ceil(size / GROUP) * GROUP;
  new Float32Array(memory.buffer, 0, size).set(scores);
  for (let i = 0; i < size; i += GROUP) count(0, 4 * size, 4 * i, 4 * (room + i));
  const atMost = new Int32Array(memory.buffer, 4 * room, size);
  const ranks = new Float32Array(size);
  for (let i = 0; i < size; i++) ranks[i] = size + 1 - atMost[i]!;
  return ranks;
}

/** How many scores, from an address up to another, are at most as high as each of sixteen. */
function counting(): number[] {
  const [score, end, group, out] = [0, 1, 2, 3] as const;
  const all = Array.from({ length: VECTORS }, (_, i) => i);
  const own = (i: number): number => 4 + i;
  const sum = (i: number): number => 4 + VECTORS + i;
  const value = 4 + 2 * VECTORS;
  return body({ i32: 0, v128: 2 * VECTORS + 1 }, [
    ...all.flatMap((i) => [...get(group), ...V128_LOAD, ...leb(16 * i), ...set(own(i))]),
    ...LOOP,
    ...[...get(score), ...LOAD_SPLAT, 0x00, ...set(value)],
    // A comparison that holds is −1 in its lane.
    ...all.flatMap((i) => [...get(sum(i)), ...get(value), ...get(own(i)), ...F32X4_AT_MOST, ...I32X4_SUBTRACT, ...set(sum(i))]),
    ...step(score, 4),
    ...[...get(score), ...get(end), LESS, ...AGAIN_IF, END],
    ...all.flatMap((i) => [...get(out), ...get(sum(i)), ...V128_STORE, ...leb(16 * i)]),
  ]);
}
