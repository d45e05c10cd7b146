import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openTables } from '../src/adapters/duckdb/tables.ts';
import { cachedEncoder } from '../src/adapters/encoders/cached.ts';
import { alone } from '../src/adapters/folder/fileLock.ts';
import { buildHnswIndex, loadHnswIndex } from '../src/adapters/hnsw/build.ts';
import { openTextIndex } from '../src/adapters/text/textIndex.ts';
import { trainingBackend } from '../src/adapters/tfjs/backend.ts';
import { createEmbedderTrainer } from '../src/adapters/tfjs/embedderTrainer.ts';
import { createRankerTrainer } from '../src/adapters/tfjs/rankerTrainer.ts';
import { INDEX_FOLDERS } from '../src/artifacts/layout.ts';
import type { Catalogue } from '../src/catalogue/catalogue.ts';
import { openStorage, openTextEncoder } from '../src/compose.ts';
import type { Config } from '../src/config/schema.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createStateFeatures } from '../src/features/index.ts';
import { createPlanner } from '../src/filters/planner.ts';
import { createLogger } from '../src/logging/logger.ts';
import { createUpdater } from '../src/loop/updater.ts';
import type { TextEncoder } from '../src/ports/models.ts';
import type { Tables } from '../src/ports/tables.ts';
import { createHybridSearch, type HybridSearch } from '../src/text/hybridSearch.ts';
import { openProjected } from '../src/text/projection.ts';
import type { BuildResources } from './resources.ts';

/** The reader of data files, closed when the work ends. */
export async function withTables<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
  const tables = await openTables();
  try {
    return await work(tables);
  } finally {
    await tables.close();
  }
}

/** In the cache: what is sorted and has no room in memory. */
const SORT_FOLDER = 'sort';

/** Everything the build works with, on this configuration's storage and this machine's backend; closed when the work ends. */
export async function withBuildResources<T>(config: Config, work: (resources: BuildResources) => Promise<T>): Promise<T> {
  const storage = await openStorage(config);
  const cache = join(config.workspace, 'cache');
  const tables = await openTables({ temporaryFolder: join(cache, SORT_FOLDER) });
  try {
    const backend = await trainingBackend();
    const encoder = await openTextEncoder(config);
    const textEncoder = encoder === undefined ? undefined : cachedEncoder(encoder, cache);
    const features = createStateFeatures(config.loop);
    const updater = createUpdater({ ...storage, features, config, clock: systemClock });
    return await work({
      config,
      ...storage,
      tables,
      training: { backend: backend.name, why: backend.why },
      embedderTrainer: createEmbedderTrainer(backend),
      rankerTrainer: createRankerTrainer(backend),
      textEncoder,
      buildIndex: buildHnswIndex,
      openSearch: (catalogue, artifact) => openSearch(config, catalogue, textEncoder, artifact),
      applyToStore: () => updater.catchUp(),
      clock: systemClock,
      logger: createLogger({ level: config.logLevel }),
    });
  } finally {
    await tables.close();
    await storage.close();
  }
}

/** The same for commands that write into the workspace: one at a time, each beginning without what a killed one left behind. */
export function withBuild<T>(config: Config, work: (resources: BuildResources) => Promise<T>): Promise<T> {
  const cache = join(config.workspace, 'cache');
  const refusal = `another build is at work in ${config.workspace}: wait for it, or name another folder with --workspace`;
  return alone(join(cache, 'build.lock'), refusal, async () => {
    await rm(join(cache, SORT_FOLDER), { recursive: true, force: true });
    return withBuildResources(config, work);
  });
}

/** Milliseconds a query's meaning may take where nobody waits for it. */
const PATIENT = 60_000;

async function openSearch(
  config: Config,
  catalogue: Catalogue,
  encoder: TextEncoder | undefined,
  artifact: string,
): Promise<HybridSearch> {
  const planner = createPlanner(catalogue);
  const lexical = await openTextIndex({ catalogue, planner, config: config.search });
  if (encoder === undefined) return createHybridSearch({ catalogue, planner, lexical, deadline: PATIENT });
  const folder = join(artifact, INDEX_FOLDERS.text);
  const index = await openProjected(await loadHnswIndex(folder, { filtering: { planner, catalogue } }), folder);
  return createHybridSearch({ catalogue, planner, lexical, deadline: PATIENT, semantic: { encoder, index } });
}
