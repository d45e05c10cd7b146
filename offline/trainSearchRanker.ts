import { join } from 'node:path';
import { z } from 'zod';
import type { StageRunner } from '../src/cli/stages.ts';
import { UserError } from '../src/domain/errors.ts';
import { rankerFiles } from '../src/ranking/rankerModel.ts';
import { publishArtifact } from './publishArtifact.ts';
import type { BuildResources } from './resources.ts';
import { readOutput, runStages, type StageOutcome } from './stageGraph.ts';
import { gate } from './stages/gate.ts';
import { judgmentsStage, searchRankerStage } from './stages/searchRankerStage.ts';
import type { RankerOutcome } from './trainRanker.ts';

const figures = z.array(z.number());
const stageOutput = z.object({
  ranker: z.object({ id: z.string(), featuresHash: z.string() }).nullable(),
  validation: z.object({ ranked: figures, before: figures }).optional(),
});

/**
 * Fits a ranker of searches from the configured judgments for the artifact that serves, and publishes it if, cross-validated by
 * query, it is not worse than the untrained relevance. `undefined` where no judgments are configured.
 */
export async function trainSearchRanker(
  resources: BuildResources,
  show: StageRunner,
  { force = false }: { readonly force?: boolean } = {},
): Promise<RankerOutcome | undefined> {
  const { artifacts, config, logger } = resources;
  if (config.dataset.judgments === undefined) return undefined;
  const version = await artifacts.current();
  if (version === undefined) throw new UserError('there is no artifact to train a ranker for: run "npm run build-index" first');
  const { manifest, folder } = await artifacts.open(version);
  const given = ['items', 'retrieval'].map(
    (name): StageOutcome => ({ name, fingerprint: manifest.inputs.retrieval, folder, ran: false, seconds: 0 }),
  );
  const cache = join(config.workspace, 'cache', 'stages');
  const outcomes = await runStages([judgmentsStage, searchRankerStage], resources, cache, show, given);
  const outcome = outcomes.get(searchRankerStage.name);
  if (outcome === undefined) throw new Error('the search ranker stage did not run');
  const { ranker, validation } = stageOutput.parse(await readOutput(outcome.folder));
  if (ranker === null || validation === undefined || manifest.inputs.searchRanker === outcome.fingerprint)
    return { manifest, published: false, decision: undefined };
  const decision = gate({
    metric: 'NDCG@10 of searches',
    challenger: validation.ranked,
    champion: validation.before,
    championName: 'the untrained relevance',
    force,
    seed: config.training.seed,
  });
  if (decision.forced) logger.warn('a search ranker is published by force', { ranker: ranker.id, reason: decision.reason });
  if (!decision.publish) return { manifest, published: false, decision };
  const { version: _version, createdAt: _createdAt, files: _files, ...rest } = manifest;
  const files = rankerFiles('search-ranker');
  const published = await publishArtifact(
    artifacts,
    [
      { folder, without: files },
      { folder: outcome.folder, only: files },
    ],
    {
      ...rest,
      parent: version,
      inputs: { ...manifest.inputs, searchRanker: outcome.fingerprint },
      searchRanker: { ...ranker, gate: { forced: decision.forced, reason: decision.reason } },
      metrics: {
        ...manifest.metrics,
        'validation.search.ndcg@10': decision.challenger,
        'validation.search.ndcg@10.untrained': decision.champion,
        'validation.search.queries': decision.lists,
      },
    },
  );
  return { manifest: published, published: true, decision };
}
