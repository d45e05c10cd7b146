import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNew } from '../src/adapters/registry/fileRegistry.ts';
import { loadArtifact, openSchemas, openStorage, type Storage } from '../src/compose.ts';
import type { Config } from '../src/config/schema.ts';
import { systemClock } from '../src/domain/clock.ts';
import { createLogger, type Logger } from '../src/logging/logger.ts';
import { createMetrics, type Metrics } from '../src/metrics/metrics.ts';
import type { SchemaRegistry } from '../src/ports/schemaRegistry.ts';
import { createService, type RunningService } from './createService.ts';
import type { ItemLookup } from './events/enrichment.ts';
import { createApp } from './http/app.ts';
import { requireSafeBinding } from './http/auth.ts';
import { createRoutes } from './http/routes/index.ts';
import { type HttpServer, listen } from './http/server.ts';
import { ItemIds } from './itemIds.ts';
import { runLoop } from './loop.ts';
import { createRuleBook } from './rules/ruleBook.ts';
import type { MetricsJson } from './workers/messages.ts';
import type { WorkerChannel } from './workers/worker.ts';

const DEFAULT_PORT = 3000;
const DEFAULT_HOST = '127.0.0.1';
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const VERSION = '0.1.0';

export interface StartOptions {
  readonly config: Config;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly logger?: Logger;
  /** Whether this process runs enricher and updater too; true when absent. */
  readonly loop?: boolean;
  /** How a worker among several speaks with the primary; absent for a process of its own. */
  readonly channel?: (own: () => Promise<MetricsJson>) => WorkerChannel;
}

export interface StartedService {
  readonly url: string;
  /** Stops accepting, lets requests end, writes what waits, closes. Called twice, the second waits for the first. */
  close(): Promise<void>;
}

/** The online service in this process. @throws UserError where no artifact fits, or the address cannot be used */
export async function startService(options: StartOptions): Promise<StartedService> {
  const { config } = options;
  const host = options.host ?? config.host ?? DEFAULT_HOST;
  const port = options.port ?? config.port ?? DEFAULT_PORT;
  requireSafeBinding(host, config.apiKeys);
  const logger = options.logger ?? createLogger({ level: config.logLevel });
  const metrics = createMetrics();
  const controller = new AbortController();
  const storage = await openStorage(config);
  try {
    const service = await openService(config, storage, logger, metrics);
    const background = [service.run(controller.signal)];
    if (options.loop !== false) {
      const items: ItemLookup = { has: (id) => service.current.artifact.catalogue.get(id) !== undefined };
      background.push(
        runLoop({ config, storage, items, logger, metrics, schemas: await openSchemas(config) }, controller.signal),
      );
    }
    const channel = options.channel?.(() => service.metricsJson());
    const app = createApp({
      config,
      routes: createRoutes(channel === undefined ? service : { ...service, metricsText: () => channel.gather() }, VERSION),
      metrics,
      logger,
      webRoot: join(ROOT, 'web', 'dist'),
    });
    const server = await listen(app, { host, port });
    logger.info('listening', { url: server.url });
    channel?.serving(server.url);
    const close = async () => {
      await shutDown({ server, service, storage, background, controller, logger });
      channel?.close();
    };
    return { url: server.url, close: once(close) };
  } catch (error) {
    controller.abort();
    await storage.close();
    throw error;
  }
}

async function openService(
  config: Config,
  { store, log, artifacts }: Storage,
  logger: Logger,
  metrics: Metrics,
): Promise<RunningService> {
  const clock = systemClock;
  const files = { policies: config.policies, rules: config.rules };
  const ruleBook = await createRuleBook({ store, clock, environment: config, files });
  const load = (opened: Parameters<typeof loadArtifact>[1]) => loadArtifact(config, opened);
  return createService({ config, store, log, artifacts, load, ruleBook, logger, metrics, clock });
}

interface Running {
  readonly server: HttpServer;
  readonly service: RunningService;
  readonly storage: Storage;
  readonly background: readonly Promise<void>[];
  readonly controller: AbortController;
  readonly logger: Logger;
}

async function shutDown({ server, service, storage, background, controller, logger }: Running): Promise<void> {
  logger.info('stopping');
  service.stop();
  await server.close();
  controller.abort();
  for (const ended of await Promise.allSettled(background)) {
    if (ended.status === 'rejected') logger.error('a background task ended with an error', { error: ended.reason });
  }
  await service.close();
  await storage.close();
  logger.info('stopped');
}

/** @throws UserError when the schema cannot be registered beside those known */
export const checkSchema = checkNew;

export async function withStorage<T>(config: Config, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await openStorage(config);
  try {
    return await work(storage);
  } finally {
    await storage.close();
  }
}

export async function withSchemas<T>(config: Config, work: (registry: SchemaRegistry) => Promise<T>): Promise<T> {
  const registry = await openSchemas(config);
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
}

/** The event pipeline without the service, until the signal aborts. */
export const startLoop = (config: Config, signal: AbortSignal): Promise<void> =>
  withStorage(config, async (storage) => {
    const logger = createLogger({ level: config.logLevel });
    const items = new ItemIds(storage.log);
    await items.catchUp();
    const onError = (error: unknown) => logger.warn('catalogue changes cannot be read', { error });
    const schemas = await openSchemas(config);
    const metrics = createMetrics();
    await Promise.all([items.run(signal, onError), runLoop({ config, storage, schemas, items, logger, metrics }, signal)]);
  });

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= action();
    return running;
  };
}
