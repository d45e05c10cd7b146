import { join } from 'node:path';
import { z } from 'zod';
import { fieldsHash } from '../src/artifacts/fieldsHash.ts';
import { MANIFEST_FORMAT, type Manifest, manifestSchema } from '../src/artifacts/manifest.ts';
import type { StageRunner } from '../src/cli/stages.ts';
import { rankerFiles } from '../src/ranking/rankerModel.ts';
import { publishArtifact } from './publishArtifact.ts';
import type { BuildResources } from './resources.ts';
import { outcomeOf, readOutput, runStages } from './stageGraph.ts';
import { HELD_OUT_FILE } from './stages/heldOut.ts';
import { importStage, readPositions } from './stages/importStage.ts';
import { indexStage } from './stages/indexStage.ts';
import { itemsStage } from './stages/itemsStage.ts';
import { retrievalStage } from './stages/retrievalStage.ts';
import { textStage } from './stages/textStage.ts';

/** From files and log to an artifact that serves, in the order of its needs. */
const retrievalStages = [importStage, itemsStage, textStage, retrievalStage, indexStage] as const;

export interface BuildOutcome {
  readonly manifest: Manifest;
  /** False where nothing had changed since the artifact that serves. */
  readonly published: boolean;
}

const retrievalOutput = manifestSchema.pick({ backend: true, embedder: true }).extend({ users: z.number(), actions: z.number() });
const indexOutput = manifestSchema.pick({ index: true }).extend({ items: z.number() });

/**
 * Builds stage one and publishes it. A ranker that serves already goes on serving with it while the fields are the same, as
 * what it reads is the same by name; `trainRanker` then fits a new one.
 */
export async function buildIndex(resources: BuildResources, show: StageRunner): Promise<BuildOutcome> {
  const { artifacts, config, textEncoder } = resources;
  const outcomes = await runStages(retrievalStages, resources, join(config.workspace, 'cache', 'stages'), show);
  const folder = (name: string): string => outcomeOf(outcomes, name).folder;
  const inputs = outcomeOf(outcomes, 'indices').fingerprint;
  const version = await artifacts.current();
  const current = version === undefined ? undefined : await artifacts.open(version);
  if (current?.manifest.inputs.retrieval === inputs) return { manifest: current.manifest, published: false };

  const trained = retrievalOutput.parse(await readOutput(folder('retrieval')));
  const { items, index } = indexOutput.parse(await readOutput(folder('indices')));
  const positions = await readPositions(folder('import'));
  const same = current?.manifest.fieldsHash === fieldsHash(config.fields) ? current : undefined;
  const kept = same?.manifest.ranker == null ? undefined : same;
  const searches = same?.manifest.searchRanker == null ? undefined : same;
  const manifest = await publishArtifact(
    artifacts,
    [
      ...['items', 'text-vectors', 'retrieval', 'indices'].map((name) => ({ folder: folder(name) })),
      ...(kept === undefined ? [] : [{ folder: kept.folder, only: [...rankerFiles('ranker'), HELD_OUT_FILE] }]),
      ...(searches === undefined ? [] : [{ folder: searches.folder, only: rankerFiles('search-ranker') }]),
    ],
    {
      format: MANIFEST_FORMAT,
      inputs: { retrieval: inputs, ranker: kept?.manifest.inputs.ranker ?? null, searchRanker: null },
      parent: version ?? null,
      counts: { items, users: trained.users, actions: trained.actions },
      fieldsHash: fieldsHash(config.fields),
      featuresHash: kept?.manifest.featuresHash ?? null,
      embedder: trained.embedder,
      textEncoder: textEncoder === undefined ? null : { id: textEncoder.id, dimensions: textEncoder.dimensions },
      index,
      ranker: kept?.manifest.ranker ?? null,
      searchRanker: searches?.manifest.searchRanker ?? null,
      positions,
      metrics: kept?.manifest.metrics ?? {},
      backend: trained.backend,
      seed: config.training.seed,
    },
  );
  return { manifest, published: true };
}
