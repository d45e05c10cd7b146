import type { Sequences } from './interactions.ts';
import type { Quotas } from './quotas.ts';

/** Fewer repeats than this are no habit. */
const WORTH_A_SHARE = 0.02;

/** Share of the entries, each history's first left out, whose item the history had before. A repeat of the entry just before is none. */
export function repeatShare({ offsets, items }: Sequences): number {
  let repeats = 0;
  let entries = 0;
  for (let a = 0; a + 1 < offsets.length; a++) {
    const seen = new Set<number>();
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      if (i > offsets[a]!) entries++;
      if (seen.has(items[i]!)) repeats++;
      seen.add(items[i]!);
    }
  }
  return entries === 0 ? 0 : repeats / entries;
}

/** Shares of the pool with a place for what people take again, where they do. The others keep their proportions. */
export function withRepeats({ repeat: _before, ...quotas }: Quotas, share: number): Quotas {
  if (share < WORTH_A_SHARE) return quotas;
  const sum = Object.values(quotas).reduce((total, quota) => total + quota, 0);
  return { ...quotas, repeat: Number(((sum * share) / Math.max(0.1, 1 - share)).toFixed(3)) };
}
