import { join, resolve } from 'node:path';
import { rememberingEncoder } from './adapters/encoders/cached.ts';
import { openThreadedEncoder } from './adapters/encoders/threaded.ts';
import { openFolderArtifactStore } from './adapters/folder/artifactStore.ts';
import { loadHnswIndex } from './adapters/hnsw/build.ts';
import type { BuiltIndex } from './adapters/hnsw/exactIndex.ts';
import { openLmdbEventLog } from './adapters/lmdb/eventLog.ts';
import { openLmdbFeatureStore } from './adapters/lmdb/featureStore.ts';
import { openFileSchemaRegistry } from './adapters/registry/fileRegistry.ts';
import { openTextIndex } from './adapters/text/textIndex.ts';
import { createRanker } from './adapters/wasm/ranker.ts';
import { fieldsHash } from './artifacts/fieldsHash.ts';
import { INDEX_FOLDERS, type IndexName } from './artifacts/layout.ts';
import type { LoadedArtifact, SearchRanking } from './artifacts/loaded.ts';
import type { Manifest } from './artifacts/manifest.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import { createCatalogue } from './catalogue/createCatalogue.ts';
import { loadSnapshot } from './catalogue/snapshot.ts';
import { eventWeights } from './config/eventWeights.ts';
import type { Config } from './config/schema.ts';
import { UserError } from './domain/errors.ts';
import { createClickCounter } from './features/clickCounter.ts';
import { QueryMemory } from './features/queryMemory.ts';
import type { FeatureInputs } from './features/ranking/index.ts';
import { createPlanner } from './filters/planner.ts';
import type { ArtifactStore } from './ports/artifactStore.ts';
import type { EventLog } from './ports/eventLog.ts';
import type { FeatureStore } from './ports/featureStore.ts';
import type { TextEncoder } from './ports/models.ts';
import type { SchemaRegistry } from './ports/schemaRegistry.ts';
import type { VectorIndex } from './ports/vectorIndex.ts';
import { DriftMonitor } from './ranking/drift.ts';
import { readRanker } from './ranking/rankerModel.ts';
import { createSearchVectoriser, createVectoriser } from './ranking/vectoriser.ts';
import type { StoredContent } from './retrieval/createModels.ts';
import { createEmbedder } from './retrieval/embedder.ts';
import { loadRetrieval } from './retrieval/load.ts';
import { createSources } from './retrieval/sources/index.ts';
import { openProjected } from './text/projection.ts';

/** The places that outlive a process: what is known, what happened, and what was trained. */
export interface Storage {
  readonly store: FeatureStore;
  readonly log: EventLog;
  readonly artifacts: ArtifactStore;
  close(): Promise<void>;
}

export async function openStorage(config: Config): Promise<Storage> {
  const log = await openLog(config);
  const store = await openStore(config);
  return {
    store,
    log,
    artifacts: await openArtifacts(config.workspace),
    async close() {
      await Promise.all([store.close(), log.close()]);
    },
  };
}

// Clients of servers are loaded where they are configured: the embedded defaults start without them.
async function openStore({ store, workspace }: Config): Promise<FeatureStore> {
  if (store.kind === 'lmdb') return openLmdbFeatureStore(join(workspace, 'store'));
  const { openRedisFeatureStore } = await import('./adapters/redis/featureStore.ts');
  return openRedisFeatureStore(store);
}

async function openLog({ eventLog, loop, workspace }: Config): Promise<EventLog> {
  if (eventLog.kind === 'lmdb') return openLmdbEventLog(join(workspace, 'log'));
  const { openKafkaEventLog } = await import('./adapters/kafka/eventLog.ts');
  return openKafkaEventLog(eventLog, { retentionDays: loop.retentionDays });
}

export const openArtifacts = (workspace: string): Promise<ArtifactStore> => openFolderArtifactStore(join(workspace, 'artifacts'));

/**
 * The event schemas that come with Winnow, and over them those of the configured folder or registry. New ones of a catalogue
 * that configures neither go into its workspace.
 */
export async function openSchemas({ eventTypes, schemaRegistry, workspace }: Config): Promise<SchemaRegistry> {
  const builtIn = join(import.meta.dirname, '..', 'data', 'schemas');
  const own = schemaRegistry.kind === 'files' ? (schemaRegistry.folder ?? join(workspace, 'schemas')) : undefined;
  const folders = own === undefined ? [builtIn] : [builtIn, own];
  const files = await openFileSchemaRegistry({ folders, eventTypes: Object.keys(eventTypes) });
  if (schemaRegistry.kind === 'files') return files;
  const { url, refreshSeconds } = schemaRegistry;
  const { openConfluentSchemaRegistry } = await import('./adapters/registry/confluentRegistry.ts');
  return openConfluentSchemaRegistry({ url, refreshSeconds, builtIn: files.all() });
}

/** The configured text encoder; `undefined` for `none`. @throws UserError where it is not there */
export async function openTextEncoder({ training, root }: Config): Promise<TextEncoder | undefined> {
  const name = training.textEncoder;
  if (name === 'none') return undefined;
  if (name === 'use-lite') return openThreadedEncoder({ kind: 'use-lite' });
  if (name.startsWith('onnx:')) return openThreadedEncoder({ kind: 'onnx', folder: resolve(root, name.slice('onnx:'.length)) });
  throw new UserError(`training.textEncoder: "${name}" is not known; expected use-lite, none or onnx:FOLDER`);
}

/** Reads a published artifact into memory, ready to answer. @throws UserError naming the file that does not fit, and why */
export async function loadArtifact(
  config: Config,
  { manifest, folder }: { readonly manifest: Manifest; readonly folder: string },
): Promise<LoadedArtifact> {
  if (manifest.fieldsHash !== fieldsHash(config.fields)) {
    throw new UserError(
      `artifact ${manifest.version} (${folder}) was built for other fields than the configuration has now: run "npm run build-index"`,
    );
  }
  const catalogue = createCatalogue(config.fields, await loadSnapshot(folder));
  const planner = createPlanner(catalogue);
  const filtering = { planner, catalogue };
  const index = (name: IndexName) => loadHnswIndex(join(folder, INDEX_FOLDERS[name]), { filtering });
  const contentIndex = await index('content');
  const models = await loadRetrieval(folder, contentsOf(contentIndex, catalogue));
  const embedder = createEmbedder(models, (id) => catalogue.ordinal(id));
  const behaviourIndex = manifest.embedder === null ? undefined : await index('behaviour');
  const meaning =
    manifest.textEncoder === null
      ? undefined
      : await openMeaning(config, manifest, await openProjected(await index('text'), join(folder, INDEX_FOLDERS.text)));
  const rankerModel = manifest.ranker === null ? undefined : await readRanker(folder);
  const weights = eventWeights(config);
  const featureInputs = { models, catalogue, fields: config.fields, weights, statistics: rankerModel?.statistics ?? undefined };
  const vectoriser = createVectoriser(featureInputs);
  if (rankerModel !== undefined && rankerModel.featuresHash !== vectoriser.hash) {
    throw new UserError(
      `artifact ${manifest.version} (${join(folder, 'ranker.json')}): its ranker reads other features than this version makes: run "npm run train-ranker"`,
    );
  }
  const ranker = rankerModel === undefined ? undefined : createRanker(rankerModel);
  const searches = manifest.searchRanker === null ? undefined : await openSearchRanking(folder, featureInputs, config);
  return {
    manifest,
    catalogue,
    planner,
    models,
    contentIndex,
    ...(behaviourIndex === undefined ? {} : { behaviourIndex }),
    ...meaning,
    textIndex: await openTextIndex({ catalogue, planner, config: config.search }),
    sources: createSources({
      models,
      catalogue,
      survivors: (filter) => planner.plan(filter),
      contentIndex,
      ...(behaviourIndex === undefined ? {} : { behaviourIndex }),
      ...(embedder === undefined ? {} : { embedder }),
    }),
    vectoriser,
    ...(ranker === undefined ? {} : { ranker }),
    ...(searches === undefined ? {} : { searches }),
    ...(rankerModel?.statistics ? { examination: rankerModel.statistics.examination } : {}),
    ...(rankerModel?.reference ? { drift: new DriftMonitor(rankerModel.columns, rankerModel.reference) } : {}),
    async close() {
      await Promise.all([
        contentIndex.close(),
        behaviourIndex?.close(),
        meaning?.textVectorIndex.close(),
        meaning?.textEncoder.close?.(),
      ]);
    },
  };
}

/** The content index's vectors, by the catalogue's rows. */
function contentsOf({ dimensions, table }: BuiltIndex, catalogue: Catalogue): StoredContent {
  return {
    dimensions,
    get vectors() {
      return table.vectors;
    },
    row(ordinal) {
      const item = catalogue.at(ordinal);
      return item === undefined ? undefined : table.row(item.id);
    },
  };
}

async function openSearchRanking(folder: string, inputs: FeatureInputs, { loop }: Config): Promise<SearchRanking> {
  const model = await readRanker(folder, 'search-ranker');
  const memory = new QueryMemory(model.memory);
  const statistics = model.statistics ?? undefined;
  const vectoriser = createSearchVectoriser({ ...inputs, statistics }, memory);
  if (model.featuresHash !== vectoriser.hash) {
    throw new UserError(
      `${join(folder, 'search-ranker.json')} reads other features than this version makes: run "npm run train-ranker"`,
    );
  }
  const { counted } = model;
  const window = loop.attributionWindowMinutes * 60_000;
  return {
    vectoriser,
    ranker: createRanker(model),
    ...(counted === undefined || statistics === undefined
      ? {}
      : {
          clicks: {
            from: counted,
            take: createClickCounter(memory, { examination: statistics.examination, window, weights: inputs.weights }),
          },
        }),
  };
}

async function openMeaning(config: Config, manifest: Manifest, textVectorIndex: VectorIndex) {
  const encoder = await openTextEncoder(config);
  const built = manifest.textEncoder;
  if (encoder === undefined || encoder.id !== built?.id || encoder.dimensions !== textVectorIndex.dimensions) {
    throw new UserError(
      `artifact ${manifest.version} was built with the text encoder ${built?.id}, the configuration names ${config.training.textEncoder}: run "npm run build-index"`,
    );
  }
  return { textVectorIndex, textEncoder: rememberingEncoder(encoder) };
}
