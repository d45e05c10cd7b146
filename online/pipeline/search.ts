import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Logger } from '../../src/logging/logger.ts';
import { createHybridSearch, type HybridSearch } from '../../src/text/hybridSearch.ts';

/** The hybrid search of each artifact, made once. */
export function createSearches(serving: Config['serving'], logger: Logger): (artifact: LoadedArtifact) => HybridSearch {
  const made = new WeakMap<LoadedArtifact, HybridSearch>();
  return (artifact) => {
    const known = made.get(artifact);
    if (known !== undefined) return known;
    const { textEncoder, textVectorIndex, models } = artifact;
    const search = createHybridSearch({
      catalogue: artifact.catalogue,
      planner: artifact.planner,
      lexical: artifact.textIndex,
      ...(textEncoder === undefined || textVectorIndex === undefined
        ? {}
        : { semantic: { encoder: textEncoder, index: textVectorIndex } }),
      deadline: serving.deadlines.textEncoder,
      popularity: (ordinal) => models.popularity.decayed[ordinal] ?? 0,
      onFailure: (part, error) => logger.warn('search goes on without a part', { part, error }),
    });
    made.set(artifact, search);
    return search;
  };
}
