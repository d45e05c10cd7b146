import type { Ranker } from '../../ports/models.ts';
import { ATTRIBUTION_METHOD, attribute } from '../../ranking/attribution.ts';
import { probability } from '../../ranking/calibration.ts';
import { type Head, headFor } from '../../ranking/head.ts';
import type { RankerModel } from '../../ranking/rankerModel.ts';
import { standardise } from '../../ranking/standardise.ts';
import { loadNetwork, type ScoreRows } from './networkKernel.ts';

/** The trained networks on WebAssembly. Scoring is synchronous inside, so lists never wait for one another. */
export function createRanker(model: RankerModel): Ranker {
  const heads = new Map<Head, ScoreRows>();
  for (const head of [model, ...(model.brought === undefined ? [] : [model.brought])])
    heads.set(head, loadNetwork(head.network, head.scaling));
  return {
    id: model.id,
    columns: model.columns,
    attributionMethod: ATTRIBUTION_METHOD,
    score: async (features, rows) => {
      checkShape(features, rows, model.columns.length);
      if (rows === 0) return new Float32Array(0);
      const head = headFor(model, features);
      const scores = heads.get(head)!(features, rows);
      return scores.map((score) => probability(head.calibration, score));
    },
    explain: async (features, rows) => {
      checkShape(features, rows, model.columns.length);
      const { network, scaling } = headFor(model, features);
      return attribute(network, standardise(features, scaling), rows);
    },
  };
}

function checkShape(features: Float32Array, rows: number, columns: number): void {
  if (features.length !== rows * columns) {
    throw new Error(`expected ${rows} rows of ${columns} columns, got ${features.length} numbers`);
  }
}
