/**
 * A scoring network of two hidden layers with a linear path beside them:
 * `score(x) = w3 · relu(W2ᵀ relu(W1ᵀ x + b1) + b2) + skip · x`, matrices row-major by input. The output needs no bias: only
 * differences within a list count.
 */
export interface Network {
  readonly inputs: number;
  readonly hidden: readonly [number, number];
  readonly w1: Float32Array;
  readonly b1: Float32Array;
  readonly w2: Float32Array;
  readonly b2: Float32Array;
  readonly w3: Float32Array;
  readonly skip: Float32Array;
}

export const NETWORK_ARRAYS = ['w1', 'b1', 'w2', 'b2', 'w3', 'skip'] as const;

/** A network of zeros. */
export function emptyNetwork(inputs: number, hidden: readonly [number, number]): Network {
  const [first, second] = hidden;
  return {
    inputs,
    hidden,
    w1: new Float32Array(inputs * first),
    b1: new Float32Array(first),
    w2: new Float32Array(first * second),
    b2: new Float32Array(second),
    w3: new Float32Array(second),
    skip: new Float32Array(inputs),
  };
}

/** One network that scores as the mean of several: their layers side by side, the second one block by block. */
export function averageOf(members: readonly Network[]): Network {
  const [only] = members;
  if (only === undefined) throw new Error('an average needs a member');
  if (members.length === 1) return only;
  const { inputs } = only;
  const [first, second] = only.hidden;
  const n = members.length;
  const hidden = [first * n, second * n] as const;
  const merged = emptyNetwork(inputs, hidden);
  const { w1, b1, w2, b2, w3, skip } = merged;
  members.forEach((member, m) => {
    for (let i = 0; i < inputs; i++) {
      w1.set(member.w1.subarray(i * first, (i + 1) * first), i * hidden[0] + m * first);
      skip[i]! += member.skip[i]! / n;
    }
    b1.set(member.b1, m * first);
    for (let h = 0; h < first; h++) {
      w2.set(member.w2.subarray(h * second, (h + 1) * second), (m * first + h) * hidden[1] + m * second);
    }
    b2.set(member.b2, m * second);
    w3.set(
      member.w3.map((weight) => weight / n),
      m * second,
    );
  });
  return merged;
}

/**
 * The networks that stand side by side in one, as `averageOf` puts them: without the linear path, their scores add up to its.
 * One that was not put together is its own only part.
 */
export function partsOf(network: Network): readonly Network[] {
  const { inputs, hidden, w2 } = network;
  for (let parts = Math.min(...hidden); parts > 1; parts--) {
    const [first, second] = [hidden[0] / parts, hidden[1] / parts];
    if (!Number.isInteger(first) || !Number.isInteger(second)) continue;
    const apart = w2.every(
      (weight, i) => weight === 0 || Math.floor(i / hidden[1] / first) === Math.floor((i % hidden[1]) / second),
    );
    if (apart) return Array.from({ length: parts }, (_, part) => partOf(network, part, [first, second]));
  }
  return [{ ...network, skip: new Float32Array(inputs) }];
}

function partOf({ inputs, hidden, w1, b1, w2, b2, w3 }: Network, part: number, [first, second]: readonly [number, number]) {
  const own = emptyNetwork(inputs, [first, second]);
  const [h, k] = [part * first, part * second];
  for (let i = 0; i < inputs; i++) own.w1.set(w1.subarray(i * hidden[0] + h, i * hidden[0] + h + first), i * first);
  own.b1.set(b1.subarray(h, h + first));
  for (let i = 0; i < first; i++) own.w2.set(w2.subarray((h + i) * hidden[1] + k, (h + i) * hidden[1] + k + second), i * second);
  own.b2.set(b2.subarray(k, k + second));
  own.w3.set(w3.subarray(k, k + second));
  return own;
}

/** Score of one row and, in `gradient`, the score's derivative by each input. */
export function scoreWithGradient(network: Network, x: Float32Array, gradient: Float32Array): number {
  const { inputs, hidden, w1, b1, w2, b2, w3, skip } = network;
  const [first, second] = hidden;
  const h1 = new Float32Array(b1);
  for (let i = 0; i < inputs; i++) {
    const value = x[i]!;
    if (value !== 0) for (let h = 0; h < first; h++) h1[h]! += value * w1[i * first + h]!;
  }
  const h2 = new Float32Array(b2);
  for (let h = 0; h < first; h++) {
    const value = Math.max(0, h1[h]!);
    if (value !== 0) for (let k = 0; k < second; k++) h2[k]! += value * w2[h * second + k]!;
  }
  let score = 0;
  for (let i = 0; i < inputs; i++) score += skip[i]! * x[i]!;
  for (let k = 0; k < second; k++) score += w3[k]! * Math.max(0, h2[k]!);
  gradient.set(skip);
  for (let h = 0; h < first; h++) {
    if (h1[h]! <= 0) continue;
    let slope = 0;
    for (let k = 0; k < second; k++) if (h2[k]! > 0) slope += w3[k]! * w2[h * second + k]!;
    if (slope !== 0) for (let i = 0; i < inputs; i++) gradient[i]! += slope * w1[i * first + h]!;
  }
  return score;
}
