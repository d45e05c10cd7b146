/** Uniform in [0, 1). Passed as an argument wherever chance matters, so that a run can be repeated. */
export type Random = () => number;

/** Puts a list in a random order, in place (Fisher and Yates). */
export function shuffle<T>(list: T[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const swap = list[i]!;
    list[i] = list[j]!;
    list[j] = swap;
  }
}

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, and the same on every machine for the same seed. */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
