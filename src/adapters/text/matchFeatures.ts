import { inverseDocumentFrequency, K1, normsOf, type Slot } from './bm25.ts';
import type { InvertedIndex } from './invertedIndex.ts';
import { GAP } from './vocabulary.ts';

/** How a document matches, in numbers the ranker can learn from; beside these `bm25.` and its name for each field alone. */
export interface Match extends Record<string, number> {
  /** The score it was found by. */
  lexical: number;
  /** Share of the query's words that are there, weighted by their rarity. */
  coverage: number;
  /** The same of words in the very form that was typed. */
  exact: number;
  /** Share of neighbouring words of the query that are neighbours here, nearer counting more; 0 for a query of one word. */
  phrase: number;
  /** 1 where a field is the query and nothing else. */
  whole: number;
  /** 1 where a field begins with the query. */
  begins: number;
}

/** Words further apart have nothing to do with each other. */
const FURTHEST = 8;

/** Reads documents against one query. Word by word, so it is meant for the best few hundred. */
export function createMatcher(
  index: InvertedIndex,
  slots: readonly Slot[],
  content: readonly string[],
): (document: number, lexical: number) => Readonly<Match> {
  const slotOf = new Map<number, { slot: number; weight: number }[]>();
  slots.forEach(({ alternatives }, slot) => {
    for (const { term, weight } of alternatives) slotOf.set(term, [...(slotOf.get(term) ?? []), { slot, weight }]);
  });
  const typed = new Set(content.flatMap((word) => index.vocabulary.ids(word)));
  const rarity = slots.map(({ alternatives }) => {
    const common = Math.max(0, ...alternatives.map(({ term }) => index.postings.frequency(term)));
    return inverseDocumentFrequency(index.documents.count, common);
  });
  const rarityTotal = rarity.reduce((a, b) => a + b, 0) || 1;
  const { fields: norms } = normsOf(index);
  // Kept from document to document: a search reads hundreds.
  const count = new Float64Array(slots.length);
  const lastSeen = new Int32Array(slots.length);
  const matched = new Uint8Array(slots.length);
  const exact = new Uint8Array(slots.length);
  const nearest = new Float64Array(Math.max(0, slots.length - 1));
  const share = (there: Uint8Array): number => {
    let sum = 0;
    for (let slot = 0; slot < there.length; slot++) if (there[slot] === 1) sum += rarity[slot] ?? 0;
    return sum / rarityTotal;
  };
  const { documents, vocabulary } = index;
  const names = index.fields.map(({ name }) => `bm25.${name}`);

  return (document, lexical) => {
    const match: Match = { lexical, coverage: 0, exact: 0, phrase: 0, whole: 0, begins: 0 };
    matched.fill(0);
    exact.fill(0);
    nearest.fill(0);
    for (let field = 0; field < index.fields.length; field++) {
      const words = documents.allWords;
      const start = documents.start(document, field);
      const length = documents.start(document, field + 1) - start;
      count.fill(0);
      lastSeen.fill(-1000);
      let run = 0;
      let content = 0;
      for (let at = 0; at < length; at++) {
        const word = words[start + at] ?? GAP;
        if (word === GAP) continue;
        const standsFor = slotOf.get(vocabulary.term(word));
        if (!vocabulary.isStop(word)) content += 1;
        if (standsFor === undefined) continue;
        for (const { slot, weight } of standsFor) {
          count[slot] = (count[slot] ?? 0) + weight;
          matched[slot] = 1;
          if (typed.has(word)) exact[slot] = 1;
          lastSeen[slot] = at;
          if (run === slot && content <= run + 1) run = slot + 1;
          const before = slot > 0 ? at - (lastSeen[slot - 1] ?? -1000) : FURTHEST + 1;
          if (before > 0 && before <= FURTHEST) nearest[slot - 1] = Math.max(nearest[slot - 1] ?? 0, 1 / before);
          const after = slot + 1 < slots.length ? at - (lastSeen[slot + 1] ?? -1000) : FURTHEST + 1;
          if (after > 0 && after <= FURTHEST) nearest[slot] = Math.max(nearest[slot] ?? 0, 0.5 / after);
        }
      }
      if (run === slots.length && slots.length > 0) {
        match.begins = 1;
        if (content === slots.length) match.whole = 1;
      }
      const norm = (norms[field]?.[documents.length(document, field)] ?? 0) / (index.fields[field]?.boost || 1);
      let sum = 0;
      for (let slot = 0; slot < count.length; slot++) {
        const weighted = (count[slot] ?? 0) * norm;
        sum += ((rarity[slot] ?? 0) * (K1 + 1) * weighted) / (K1 + weighted);
      }
      match[names[field]!] = sum;
    }
    match.coverage = share(matched);
    match.exact = share(exact);
    if (nearest.length > 0) match.phrase = nearest.reduce((a, b) => a + b, 0) / nearest.length;
    return match;
  };
}
