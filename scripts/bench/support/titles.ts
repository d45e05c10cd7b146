import { type Random, seededRandom } from '../../../src/domain/random.ts';

const SYLLABLES =
  'ba be bi bo bu da de di do du fa fi fo ga ge go ha he ka ke ki ko la le li lo lu ma me mi mo na ne ni no pa pe po ra re ri ro sa se si so ta te ti to va ve vi wo za zen ton mar ler nor der ling ster band light case'.split(
    ' ',
  );

/** Made-up words, the frequent ones short. */
function words(count: number, random: Random): string[] {
  const made = new Set<string>();
  while (made.size < count) {
    const syllables = 2 + Math.floor((made.size / count) * 2 + random() * 1.5);
    made.add(Array.from({ length: syllables }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? '').join(''));
  }
  return [...made];
}

/** Titles of 4 to 12 words whose frequencies follow Zipf's law, some with a model number. */
export function madeUpTitles(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const vocabulary = words(Math.min(60_000, 2000 + Math.floor(count / 4)), random);
  const any = (): string => vocabulary[Math.floor(vocabulary.length ** random() - 1)] ?? 'the';
  return Array.from({ length: count }, () => {
    const title = Array.from({ length: 4 + Math.floor(random() * 9) }, any);
    if (random() < 0.3) title.push(`${any().slice(0, 2)}-${Math.floor(random() * 9000 + 1000)}`);
    return title.join(' ');
  });
}

/** Queries of 1 to 4 neighbouring words of titles; a third with a slip, a third with the last word cut. */
export function madeUpQueries(titles: readonly string[], count: number, seed: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const title = (titles[Math.floor(random() * titles.length)] ?? '').split(' ');
    const start = Math.floor(random() * title.length);
    const query = title.slice(start, start + 1 + Math.floor(random() * 4)).join(' ');
    if (i % 3 === 1) return slip(query, random);
    return i % 3 === 2 ? query.slice(0, Math.max(3, query.length - 2)) : query;
  });
}

/** One slip in one word of five letters or more: a letter left out, put in, replaced, or swapped with its neighbour. */
export function slip(query: string, random: Random): string {
  const parts = query.split(' ');
  const long = parts.flatMap((part, i) => (/^\p{L}{5,}$/u.test(part) ? [i] : []));
  const chosen = long[Math.floor(random() * long.length)];
  const word = chosen === undefined ? undefined : parts[chosen];
  if (chosen === undefined || word === undefined) return query;
  const at = Math.floor(random() * (word.length - 1));
  const letter = String.fromCharCode(97 + Math.floor(random() * 26));
  const [before, here, next, after] = [word.slice(0, at), word[at] ?? '', word[at + 1] ?? '', word.slice(at + 2)];
  const kinds = [
    before + next + after,
    before + letter + here + next + after,
    before + letter + next + after,
    before + next + here + after,
  ];
  parts[chosen] = kinds[Math.floor(random() * kinds.length)] ?? word;
  return parts.join(' ');
}
