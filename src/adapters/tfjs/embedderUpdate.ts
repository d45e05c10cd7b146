import type { ContentMatrix } from '../../retrieval/contentMatrix.ts';
import { DENSE_NAMES, type EmbedderSettings, type EmbedderWeights } from '../../retrieval/embedderWeights.ts';
import { type AdamState, adamState, adamStep, RowGradients } from './adam.ts';
import type { StepGradients, StepInputs } from './embedderLoss.ts';

/** Gathers rows of the embedding tables for a step, and brings the step's gradients back to them. */
export function createRowUpdater(weights: EmbedderWeights, content: ContentMatrix, settings: EmbedderSettings) {
  const d = settings.dimensions;
  const { itemCount, featureCount } = weights;
  const tables = {
    in: table(weights.itemIn, weights.featureIn, itemCount, featureCount, d),
    out: table(weights.itemOut, weights.featureOut, itemCount, featureCount, d),
    bias: table(weights.itemBias, weights.featureBias, itemCount, featureCount, 1),
  };
  const dense = DENSE_NAMES.map((name) => ({ name, state: adamState(weights[name]) }));

  /** Rows of `width` numbers: the item's own vector, unless it is dropped, and its features'. Outputs end with the bias. */
  const rowsOf = (items: Int32Array, side: 'in' | 'out', dropped: (item: number) => boolean): Float32Array => {
    const width = side === 'in' ? d : d + 1;
    const out = new Float32Array(items.length * width);
    for (let i = 0; i < items.length; i++) {
      gather(tables[side], content, items[i]!, dropped, out, i * width);
      if (side === 'out') gather(tables.bias, content, items[i]!, dropped, out, i * width + d);
    }
    return out;
  };

  const collect = (target: Table, items: Int32Array, gradient: Float32Array, stride: number, at: number) => {
    for (let i = 0; i < items.length; i++) target.byItem.add(items[i]!, gradient, i * stride + at);
  };

  return {
    rowsOf,
    apply(inputs: StepInputs, gradients: StepGradients, step: { t: number; rate: number; decay: number }): void {
      collect(tables.in, inputs.batch.rows, gradients.rows, d, 0);
      for (const [items, gradient] of [
        [inputs.batch.targets, gradients.own],
        [inputs.negatives.items, gradients.others],
      ] as const) {
        collect(tables.out, items, gradient, d + 1, 0);
        collect(tables.bias, items, gradient, d + 1, d);
      }
      applyTable(tables.in, content, inputs.dropped, step);
      applyTable(tables.out, content, inputs.dropped, step);
      applyTable(tables.bias, content, inputs.dropped, { ...step, decay: 0 });
      for (const { name, state } of dense) {
        const gradient = gradients.dense[name];
        if (gradient !== undefined) adamStep(state, 0, gradient, 0, gradient.length, { ...step, decay: 0 });
      }
    },
  };
}

interface Table {
  readonly width: number;
  readonly items: AdamState;
  readonly features: AdamState;
  readonly byItem: RowGradients;
  readonly byFeature: RowGradients;
}

function table(items: Float32Array, features: Float32Array, itemCount: number, featureCount: number, width: number): Table {
  return {
    width,
    items: adamState(items),
    features: adamState(features),
    byItem: new RowGradients(itemCount, width),
    byFeature: new RowGradients(featureCount, width),
  };
}

function gather(
  { width, items, features }: Table,
  content: ContentMatrix,
  item: number,
  dropped: (item: number) => boolean,
  out: Float32Array,
  at: number,
): void {
  if (!dropped(item)) {
    for (let j = 0; j < width; j++) out[at + j] = items.weights[item * width + j]!;
  }
  for (let f = content.offsets[item]!; f < content.offsets[item + 1]!; f++) {
    const weight = content.weights[f]!;
    const from = content.features[f]! * width;
    for (let j = 0; j < width; j++) out[at + j]! += weight * features.weights[from + j]!;
  }
}

/** Passes each item's summed gradient on to its features, then steps features and items. */
function applyTable(
  { items, features, byItem, byFeature, width }: Table,
  content: ContentMatrix,
  dropped: (item: number) => boolean,
  step: { t: number; rate: number; decay: number },
): void {
  for (let slot = 0; slot < byItem.rows.length; slot++) {
    const item = byItem.rows[slot]!;
    for (let f = content.offsets[item]!; f < content.offsets[item + 1]!; f++) {
      byFeature.add(content.features[f]!, byItem.sums, slot * width, content.weights[f]!);
    }
  }
  byFeature.apply(features, step);
  byItem.apply(items, step, dropped);
}
