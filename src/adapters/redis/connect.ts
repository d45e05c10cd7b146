import { Cluster, Redis } from 'ioredis';
import type { ConfigFile } from '../../config/schema.ts';
import { UnavailableError, UserError } from '../../domain/errors.ts';

export type RedisStoreConfig = Extract<ConfigFile['store'], { kind: 'redis' }>;

/** A command that is not answered in this time has failed, milliseconds. */
const COMMAND_TIMEOUT = 2000;

const OPTIONS = {
  commandTimeout: COMMAND_TIMEOUT,
  connectTimeout: COMMAND_TIMEOUT,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: true,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1000),
};

/** @param url instead of the configuration's, with credentials: `redis://user:password@host:port/db`, `rediss://` for TLS */
export const connectServer = (config: RedisStoreConfig, url: string | undefined): Redis =>
  quiet(new Redis(url ?? config.url, OPTIONS));

/** @param url where credentials and TLS are taken from. @throws UserError for a node without a port */
export function connectCluster(addresses: readonly string[], url: string | undefined): Cluster {
  const nodes = addresses.map((node) => {
    const end = node.lastIndexOf(':');
    const port = Number(node.slice(end + 1));
    if (end < 1 || !Number.isInteger(port)) throw new UserError(`store.cluster: expected host:port, got ${node}`);
    return { host: node.slice(0, end), port };
  });
  const credentials = url === undefined ? undefined : new URL(url);
  const cluster = new Cluster(nodes, {
    // Reads of one turn go to each node together. Scripts are sent by themselves: a pipeline would take their text for a key.
    enableAutoPipelining: true,
    autoPipeliningIgnoredCommands: ['eval'],
    redisOptions: {
      ...OPTIONS,
      ...(credentials?.password && { password: decodeURIComponent(credentials.password) }),
      ...(credentials?.username && { username: decodeURIComponent(credentials.username) }),
      ...(credentials?.protocol === 'rediss:' && { tls: {} }),
    },
  });
  return quiet(cluster);
}

/** Every command tells of its own failure; without a listener a lost connection would end the process. */
function quiet<T extends Redis | Cluster>(client: T): T {
  client.on('error', () => {});
  return client;
}

/** @throws UnavailableError where the answer is a failure */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new UnavailableError(`the feature store (Redis) did not answer: ${String(error)}`, { cause: error });
  }
}
