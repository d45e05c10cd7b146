import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Query } from '../../src/domain/pipeline.ts';
import { rank } from '../../src/ranking/rank.ts';
import { retrieve } from '../../src/retrieval/retrieve.ts';

const ROUNDS = 5;
const HISTORY = 20;
const POOL = 200;
const TEXT = 'a first text';

/**
 * Sends a text through the encoder and the search, and a few made-up histories through retrieval and ranking: models allocate, code is
 * compiled, and what does not work shows before it serves.
 */
export async function warmUp(artifact: LoadedArtifact): Promise<void> {
  const [meaning] = (await artifact.textEncoder?.embed([TEXT])) ?? [];
  const ids = firstIds(artifact, HISTORY * ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    await artifact.textIndex.search(TEXT, POOL);
    if (meaning !== undefined) await artifact.textVectorIndex?.search(meaning, POOL);
    const query = queryOf(ids.slice(round * HISTORY, (round + 1) * HISTORY));
    const filter = { constraints: [], bindings: BINDINGS, excluded: new Set<string>() };
    const { candidates } = await retrieve({ ...artifact, deadline: 60_000 }, query, filter, POOL);
    const enriched = candidates.flatMap((candidate) => {
      const item = artifact.catalogue.at(candidate.ordinal);
      return item === undefined ? [] : [{ ...candidate, item }];
    });
    const { vectoriser, ranker } = artifact;
    await rank(
      { vectoriser, ...(ranker === undefined ? {} : { ranker }) },
      { query, history: query.history, candidates: enriched },
    );
  }
}

const BINDINGS = { user: {}, request: { route: 'recommend', scenario: '', context: {} }, now: 0 };

const queryOf = (ids: readonly string[]): Query => ({
  requestId: 'warm-up',
  route: 'recommend',
  userFields: {},
  history: ids.map((itemId, i) => ({ itemId, type: 'click', at: i })),
  limit: 10,
  excludeSeen: false,
  context: {},
  now: 0,
  featureTime: 0,
});

function firstIds({ catalogue }: LoadedArtifact, count: number): string[] {
  const ids: string[] = [];
  for (const { id } of catalogue.items()) {
    if (ids.push(id) >= count) break;
  }
  return ids;
}
