import { createHash } from 'node:crypto';
import type { PreparedList, RankingContext, RankingFeature } from '../features/feature.ts';
import type { QueryMemory } from '../features/queryMemory.ts';
import { type FeatureInputs, rankingFeatures, searchFeatures } from '../features/ranking/index.ts';
import { historyOrdinals } from '../retrieval/models.ts';

/** Turns lists into matrices: one for training and for serving, so that both see the same numbers to the bit. */
export interface Vectoriser {
  /** What it is made of, in the order of the columns. */
  readonly features: readonly Pick<RankingFeature, 'name' | 'columns' | 'sources'>[];
  readonly columns: readonly string[];
  /** Hash of the features' names, versions and columns: a ranker goes with one hash only. */
  readonly hash: string;
  /**
   * Row-major, one row of `columns.length` for each candidate, in their order. Finite numbers only.
   */
  vectorise(context: RankingContext): Float32Array;
}

/** A vectoriser over the models, the catalogue and what the log of impressions taught. */
export const createVectoriser = (inputs: FeatureInputs): Vectoriser =>
  vectoriserOf(rankingFeatures(inputs), inputs, (history) =>
    history.length === 0 ? undefined : inputs.models.behaviour?.query(history),
  );

/** The one for lists that answer a text; what is remembered of queries is read at every list. */
export const createSearchVectoriser = (inputs: FeatureInputs, memory: QueryMemory): Vectoriser =>
  vectoriserOf(searchFeatures(inputs, memory), inputs, () => undefined);

function vectoriserOf(
  features: readonly RankingFeature[],
  inputs: FeatureInputs,
  queryVector: (history: readonly number[]) => Float32Array | undefined,
): Vectoriser {
  const columns = features.flatMap((feature) => feature.columns);
  let places = new Int32Array(0);
  return {
    features,
    columns,
    hash: hashOf(features),
    vectorise: (context) => {
      const size = context.candidates.length;
      const out = new Float32Array(size * columns.length);
      if (size === 0) return out;
      const ordinals = new Int32Array(size);
      for (let i = 0; i < size; i++) ordinals[i] = context.candidates[i]!.ordinal;
      const history = historyOrdinals(context.history, (id) => inputs.catalogue.ordinal(id), inputs.models.eventWeights);
      places = withRoom(places, ordinals, inputs.models.trainedSize);
      for (let i = 0; i < size; i++) places[ordinals[i]!] = i + 1;
      const list: PreparedList = {
        ...context,
        size,
        ordinals,
        places,
        historyOrdinals: history,
        queryVector: queryVector(history),
      };
      let offset = 0;
      for (const feature of features) {
        feature.write(list, out, offset, columns.length);
        offset += feature.columns.length;
      }
      for (let i = 0; i < size; i++) places[ordinals[i]!] = 0;
      if (!allFinite(out)) for (let i = 0; i < out.length; i++) if (!Number.isFinite(out[i]!)) out[i] = 0;
      return out;
    },
  };
}

/** The table of places, grown to hold every ordinal of the list and of the models: zeros but for the list at hand. */
function withRoom(places: Int32Array<ArrayBuffer>, ordinals: Int32Array, trained: number): Int32Array<ArrayBuffer> {
  let most = trained;
  for (let i = 0; i < ordinals.length; i++) if (ordinals[i]! > most) most = ordinals[i]!;
  return most < places.length ? places : new Int32Array(Math.max(1024, 2 * (most + 1)));
}

/** Nothing times zero is anything but zero, unless it is not finite; four sums at once don't wait for one another. */
function allFinite(numbers: Float32Array): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 4 <= numbers.length; i += 4) {
    a += 0 * numbers[i]!;
    b += 0 * numbers[i + 1]!;
    c += 0 * numbers[i + 2]!;
    d += 0 * numbers[i + 3]!;
  }
  for (; i < numbers.length; i++) a += 0 * numbers[i]!;
  return a + b + c + d === 0;
}

/** SHA-256 over what every feature calls itself and its columns. */
export function hashOf(features: readonly Pick<RankingFeature, 'name' | 'version' | 'columns'>[]): string {
  const definition = features.map(({ name, version, columns }) => ({ name, version, columns }));
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex');
}
