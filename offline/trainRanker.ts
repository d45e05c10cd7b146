import { join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../src/artifacts/manifest.ts';
import type { StageRunner } from '../src/cli/stages.ts';
import { rankerFiles } from '../src/ranking/rankerModel.ts';
import type { BuildOutcome } from './buildIndex.ts';
import { publishArtifact } from './publishArtifact.ts';
import type { BuildResources } from './resources.ts';
import { openServing } from './servingArtifact.ts';
import { outcomeOf, readOutput, runStages } from './stageGraph.ts';
import { type GateDecision, gate } from './stages/gate.ts';
import { HELD_OUT_FILE, momentResultSchema, readHeldOut, writeWithoutRanker } from './stages/heldOut.ts';
import { logStage, readPositions } from './stages/importStage.ts';
import { rankerStage } from './stages/rankerStage.ts';
import { chooseRival, type ServingRanker } from './stages/rival.ts';

export interface RankerOutcome extends BuildOutcome {
  /** What the gate said; absent where there was nothing to learn from, or nothing new. */
  readonly decision: GateDecision | undefined;
}

const figures = z.array(z.number());
const earned = z.object({ mean: z.number(), low: z.number(), high: z.number(), matches: z.number() });
const rankerOutput = z.object({
  ranker: z.object({ id: z.string(), columns: z.array(z.string()), featuresHash: z.string() }).nullable(),
  learnedUntil: z.number().optional(),
  retrieved: z.array(momentResultSchema).optional(),
  validation: z
    .object({
      times: figures,
      ranked: figures,
      before: figures,
      champion: figures.nullable(),
      counterfactual: z.object({ ranked: earned, before: earned, champion: earned.nullable() }).nullable(),
    })
    .optional(),
});

/**
 * Fits a ranker for the artifact that serves, on everything the log holds by now, and publishes it if the gate lets it
 * through: it must not be worse than what serves, on the same lists.
 */
export async function trainRanker(
  resources: BuildResources,
  show: StageRunner,
  { force = false }: { readonly force?: boolean } = {},
): Promise<RankerOutcome> {
  const { artifacts, config, logger } = resources;
  const stages = ['items', 'text-vectors', 'retrieval', 'champion'];
  const { manifest, folder, next, given } = await openServing(artifacts, stages);
  const outcomes = await runStages([logStage, rankerStage], resources, join(config.workspace, 'cache', 'stages'), show, given);
  const outcome = outcomeOf(outcomes, rankerStage.name);
  if (manifest.inputs.ranker === outcome.fingerprint) return { manifest, published: false, decision: undefined };
  const { ranker, validation, retrieved = [], learnedUntil = 0 } = rankerOutput.parse(await readOutput(outcome.folder));
  if (ranker === null || validation === undefined) return { manifest, published: false, decision: undefined };

  const { split, results } = await readHeldOut(outcome.folder);
  const positions = await readPositions(outcomeOf(outcomes, logStage.name).folder);
  const rival = chooseRival({ ...validation, results }, await servingRanker(manifest, folder));
  const earnings = validation.counterfactual;
  const decision = gate({
    metric: 'NDCG@10',
    challenger: rival.challenger,
    champion: rival.champion,
    championName: rival.name,
    force,
    seed: config.training.seed,
    ...(earnings == null
      ? {}
      : { counterfactual: { challenger: earnings.ranked, champion: earnings[rival.order] ?? earnings.before } }),
  });
  if (decision.forced) logger.warn('a ranker is published by force', { ranker: ranker.id, reason: decision.reason });
  if (!decision.publish) {
    const kept = { retrieval: manifest.inputs.retrieval, position: positions['enriched-events'], split, results: retrieved };
    if (manifest.ranker === null) await writeWithoutRanker(config.workspace, kept);
    return { manifest, published: false, decision };
  }
  const { id, columns, featuresHash } = ranker;
  const published = await publishArtifact(
    artifacts,
    [{ folder, without: [...rankerFiles('ranker'), HELD_OUT_FILE] }, { folder: outcome.folder }],
    {
      ...next,
      positions: { ...manifest.positions, 'enriched-events': positions['enriched-events'] },
      inputs: { ...manifest.inputs, ranker: outcome.fingerprint },
      featuresHash,
      ranker: { id, columns, learnedUntil, gate: { forced: decision.forced, reason: decision.reason } },
      metrics: {
        ...manifest.metrics,
        'validation.ndcg@10': decision.challenger,
        'validation.ndcg@10.champion': decision.champion,
        'validation.lists': decision.lists,
      },
    },
  );
  return { manifest: published, published: true, decision };
}

/** The ranker of the artifact that serves, with what it did as a challenger. */
async function servingRanker({ version, ranker }: Manifest, folder: string): Promise<ServingRanker | undefined> {
  if (ranker === null) return undefined;
  const { results } = await readHeldOut(folder);
  return { version, learnedUntil: ranker.learnedUntil, results };
}
