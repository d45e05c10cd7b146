import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isErrno } from '../domain/errno.ts';
import { UserError } from '../domain/errors.ts';
import { workspaceCursorSecret } from './cursorSecret.ts';
import { readEnvironment } from './environment.ts';
import { parseConfig } from './parse.ts';
import type { Config, ConfigFile } from './schema.ts';
import { readTuned } from './tuned.ts';

export const DEFAULT_CONFIG = 'winnow.yaml';
export const DEFAULT_WORKSPACE = 'data';

export interface LoadOptions {
  /** Path of the configuration file; `winnow.yaml` in the current folder when absent. */
  readonly config?: string;
  /** Folder of artifacts, store and log; `data` in the current folder when absent. */
  readonly workspace?: string;
  /** The environment; the process's own when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration: the file, then the environment; where the file is silent, what was tuned in the workspace. All paths of the result are absolute. Makes the workspace's cursor
 * secret if neither the environment nor the workspace has one.
 * @throws UserError naming file, line and field of everything that is wrong
 */
export async function loadConfig(options: LoadOptions = {}): Promise<Config> {
  const environment = readEnvironment(options.env ?? process.env);
  const name = options.config ?? DEFAULT_CONFIG;
  const path = resolve(name);
  const workspace = resolve(options.workspace ?? DEFAULT_WORKSPACE);
  const file = parseConfig(await readConfigFile(path, name, options.config === undefined), name, {
    redisUrl: environment.REDIS_URL,
    kafkaBrokers: environment.KAFKA_BROKERS,
    schemaRegistryUrl: environment.SCHEMA_REGISTRY_URL,
    tuned: (await readTuned(workspace))?.training,
  });
  const root = dirname(path);
  return {
    ...resolvePaths(file, root),
    root,
    workspace,
    apiKeys: environment.WINNOW_API_KEYS ?? [],
    logLevel: environment.LOG_LEVEL ?? 'info',
    cursorSecret: environment.WINNOW_CURSOR_SECRET ?? (await workspaceCursorSecret(workspace)),
    port: environment.PORT,
    host: environment.HOST,
  };
}

async function readConfigFile(path: string, name: string, isDefault: boolean): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) {
      throw new UserError(
        isDefault
          ? `no ${DEFAULT_CONFIG} here (${dirname(path)}): name one with --config, or make one with: npm run init -- --items items.csv --events events.csv`
          : `${name}: there is no such file`,
      );
    }
    if (isErrno(error, 'EISDIR')) throw new UserError(`${name} is a folder, expected a YAML file`);
    if (isErrno(error, 'EACCES', 'EPERM')) throw new UserError(`${name}: not readable (permission denied)`);
    throw error;
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${name}: not a UTF-8 text file`);
  }
}

/** Relative paths of the file start at its folder. */
function resolvePaths(file: ConfigFile, root: string): ConfigFile {
  const at = (path: string) => resolve(root, path);
  const { items, users, events, judgments, maxRejects } = file.dataset;
  const onnx = /^onnx:(.+)$/s.exec(file.training.textEncoder)?.[1];
  const registry = file.schemaRegistry;
  return {
    ...file,
    dataset: {
      items: { ...items, source: at(items.source) },
      users: users && { ...users, source: at(users.source) },
      events: events && { ...events, source: at(events.source) },
      judgments: judgments && { ...judgments, source: at(judgments.source) },
      maxRejects,
    },
    policies: file.policies === undefined ? undefined : at(file.policies),
    rules: file.rules === undefined ? undefined : at(file.rules),
    schemaRegistry:
      registry.kind === 'files' && registry.folder !== undefined ? { ...registry, folder: at(registry.folder) } : registry,
    training: onnx === undefined ? file.training : { ...file.training, textEncoder: `onnx:${at(onnx)}` },
  };
}
