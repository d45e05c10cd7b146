import { fieldDefinitionSchema } from '../../../src/config/schema.ts';
import type { Item } from '../../../src/domain/item.ts';
import { type Random, seededRandom } from '../../../src/domain/random.ts';
import type { VectorEntry } from '../../../src/ports/vectorIndex.ts';

/** A catalogue with vectors that cluster as learned ones do, for benchmarks of filtered search. */
export interface VectorCatalogue {
  readonly items: Item[];
  readonly entries: VectorEntry[];
  /** The direction by which the field `near` is ordered. */
  readonly direction: Float32Array;
  /** Vectors like the items', by how far they point along `direction`. */
  query(kind: QueryKind): Float32Array;
}

/** Anywhere; where `near` is smallest; or at the opposite end. */
export type QueryKind = 'any' | 'near' | 'far';

export const vectorFields = {
  /** Uniform in 0 … 1, one independent of the other. */
  u: fieldDefinitionSchema.parse({ type: 'number' }),
  v: fieldDefinitionSchema.parse({ type: 'number' }),
  /** Quantile, in 0 … 1, of the vector's place along the direction: small where a `near` query looks. */
  near: fieldDefinitionSchema.parse({ type: 'number' }),
  brand: fieldDefinitionSchema.parse({ type: 'category' }),
  tags: fieldDefinitionSchema.parse({ type: 'categories' }),
};

const CLUSTERS = 300;

export function makeVectorCatalogue(count: number, dimensions: number, seed: number): VectorCatalogue {
  const random = seededRandom(seed);
  const centres = Array.from({ length: CLUSTERS }, () => gaussian(random, dimensions, 1 / Math.sqrt(dimensions)));
  const draw = (): Float32Array => {
    const centre = centres[Math.floor(random() ** 1.5 * CLUSTERS)] ?? centres[0]!;
    const noise = gaussian(random, dimensions, 0.6 / Math.sqrt(dimensions));
    return centre.map((value, i) => value + (noise[i] ?? 0));
  };
  const vectors = Array.from({ length: count }, draw);
  const direction = gaussian(random, dimensions, 1);
  const along = (vector: Float32Array): number => vector.reduce((sum, value, i) => sum + value * (direction[i] ?? 0), 0);
  const order = vectors.map((vector, i) => ({ i, place: along(vector) })).sort((a, b) => b.place - a.place);
  const quantiles = new Float64Array(count);
  order.forEach(({ i }, place) => {
    quantiles[i] = place / count;
  });
  const items = vectors.map(
    (_, i): Item => ({
      id: `item-${i}`,
      fields: {
        u: random(),
        v: random(),
        near: quantiles[i] ?? 0,
        brand: `b${Math.floor(random() ** 2 * 1000)}`,
        tags: [`t${Math.floor(random() * 100)}`, `t${Math.floor(random() * 100)}`],
      },
    }),
  );
  const query = (kind: QueryKind): Float32Array => {
    for (;;) {
      const vector = draw();
      const place = along(vector);
      const bound = order[Math.floor(count * (kind === 'near' ? 0.05 : 0.95))]?.place ?? 0;
      if (kind === 'any' || (kind === 'near' ? place >= bound : place <= bound)) return vector;
    }
  };
  return { items, entries: items.map(({ id }, i) => ({ id, vector: vectors[i]! })), direction, query };
}

/** Box and Muller's transform. */
function gaussian(random: Random, dimensions: number, scale: number): Float32Array {
  return Float32Array.from({ length: dimensions }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    return radius * Math.cos(2 * Math.PI * random()) * scale;
  });
}
