import { join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../src/artifacts/manifest.ts';
import type { StageRunner } from '../src/cli/stages.ts';
import { rankerFiles } from '../src/ranking/rankerModel.ts';
import { publishArtifact } from './publishArtifact.ts';
import type { BuildResources } from './resources.ts';
import { openServing } from './servingArtifact.ts';
import { outcomeOf, readOutput, runStages } from './stageGraph.ts';
import { type GateDecision, gate } from './stages/gate.ts';
import { chooseRival } from './stages/rival.ts';
import { searchLogStage } from './stages/searchLogStage.ts';
import { judgmentsStage, searchRankerStage } from './stages/searchRankerStage.ts';
import type { RankerOutcome } from './trainRanker.ts';

const figures = z.array(z.number());
const stageOutput = z.object({
  ranker: z.object({ id: z.string(), featuresHash: z.string(), taughtBy: z.string(), learnedUntil: z.number() }).nullable(),
  judged: z.object({ ranked: figures, before: figures }).optional(),
  clicked: z.object({ ranked: figures, before: figures, champion: figures.nullable(), times: figures }).optional(),
});
type StageOutput = z.infer<typeof stageOutput>;

/**
 * Fits a ranker of searches from judged queries and from what searchers took, for the artifact that serves, and publishes it unless
 * either kind speaks against it: it must not be worse than the untrained relevance on judged queries it has not seen, nor than what
 * serves on the latest searches.
 */
export async function trainSearchRanker(
  resources: BuildResources,
  show: StageRunner,
  { force = false }: { readonly force?: boolean } = {},
): Promise<RankerOutcome> {
  const { artifacts, config, logger } = resources;
  const { manifest, folder, next, given } = await openServing(artifacts, ['items', 'retrieval', 'search-champion']);
  const cache = join(config.workspace, 'cache', 'stages');
  const outcomes = await runStages([judgmentsStage, searchLogStage, searchRankerStage], resources, cache, show, given);
  const outcome = outcomeOf(outcomes, searchRankerStage.name);
  const { ranker, ...validation } = stageOutput.parse(await readOutput(outcome.folder));
  if (ranker === null || manifest.inputs.searchRanker === outcome.fingerprint)
    return { manifest, published: false, decision: undefined };
  const decisions = decide(validation, manifest, { force, seed: config.training.seed });
  const reason = decisions.map((decision) => decision.reason).join('; ');
  const refusal = decisions.find(({ publish }) => !publish);
  const forced = decisions.some((decision) => decision.forced);
  const [first] = decisions;
  if (first === undefined) throw new Error('a ranker of searches was validated on nothing');
  const decision = { ...(refusal ?? first), forced, reason };
  if (forced) logger.warn('a search ranker is published by force', { ranker: ranker.id, reason });
  if (refusal !== undefined) return { manifest, published: false, decision };
  const files = rankerFiles('search-ranker');
  const published = await publishArtifact(
    artifacts,
    [
      { folder, without: files },
      { folder: outcome.folder, only: files },
    ],
    {
      ...next,
      inputs: { ...manifest.inputs, searchRanker: outcome.fingerprint },
      searchRanker: { ...ranker, gate: { forced, reason } },
      metrics: { ...manifest.metrics, ...Object.assign({}, ...decisions.map(({ metrics }) => metrics)) },
    },
  );
  return { manifest: published, published: true, decision };
}

type Decision = GateDecision & { readonly metrics: Readonly<Record<string, number>> };

/** What each kind of lists says of the ranker. */
function decide(
  { judged, clicked }: Omit<StageOutput, 'ranker'>,
  { version, searchRanker }: Manifest,
  options: { readonly force: boolean; readonly seed: number },
): Decision[] {
  const untrained = 'the untrained relevance';
  const decisions: Decision[] = [];
  if (judged !== undefined) {
    const decision = gate({
      metric: 'NDCG@10 of searches',
      challenger: judged.ranked,
      champion: judged.before,
      championName: untrained,
      ...options,
    });
    decisions.push({ ...decision, metrics: metricsOf('validation.search', decision, 'queries') });
  }
  if (clicked !== undefined) {
    const serving = searchRanker === null ? undefined : { version, learnedUntil: searchRanker.learnedUntil, results: [] };
    const rival = chooseRival({ ...clicked, results: [] }, serving, untrained);
    const decision = gate({
      metric: 'NDCG@10 of clicked searches',
      challenger: rival.challenger,
      champion: rival.champion,
      championName: rival.name,
      ...options,
    });
    decisions.push({ ...decision, metrics: metricsOf('validation.search.clicks', decision, 'lists') });
  }
  return decisions;
}

const metricsOf = (name: string, { challenger, champion, lists }: GateDecision, unit: string) => ({
  [`${name}.ndcg@10`]: challenger,
  [`${name}.ndcg@10.champion`]: champion,
  [`${name}.${unit}`]: lists,
});
