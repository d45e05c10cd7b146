import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type StartedService, startService } from '../../online/compose.ts';
import { list, searchList } from '../../online/http/answers.ts';
import { loadConfig } from '../../src/config/load.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { type FixtureOptions, writeFixture } from './fixture.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');

export const problem = z.object({
  status: z.number(),
  title: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A shop built by the real commands in a folder of its own. */
export interface Shop {
  readonly folder: string;
  readonly config: string;
  readonly workspace: string;
  /** An offline command, such as `build-index`. */
  command(name: string, ...args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export async function makeShop(options: FixtureOptions = {}): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-e2e-'));
  return shopIn(folder, await writeFixture(join(folder, 'data'), options));
}

/** A shop of a configuration that is there, its workspace in the folder. */
export function shopIn(folder: string, config: string): Shop {
  const workspace = join(folder, 'workspace');
  return {
    folder,
    config,
    workspace,
    async command(name, ...args) {
      const own = ['--import', 'tsx', join(ROOT, 'offline', 'main.ts'), name, '--config', config, '--workspace', workspace];
      const { stdout, stderr } = await run(process.execPath, [...own, ...args], { cwd: ROOT });
      return stdout + stderr;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The service over real HTTP, and a client of it. */
export interface Client {
  readonly url: string;
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** A list in the form that the API describes. */
  list(path: string): Promise<z.infer<typeof list>>;
  search(path: string): Promise<z.infer<typeof searchList>>;
  close(): Promise<void>;
}

export async function serveShop(
  shop: Shop,
  env: Readonly<Record<string, string>> = {},
  options: { readonly loop?: boolean } = {},
): Promise<Client> {
  const config = await loadConfig({ config: shop.config, workspace: shop.workspace, env });
  return clientOf(await startService({ config, port: 0, logger: silentLogger, ...options }));
}

function clientOf(service: StartedService): Client {
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const asIs = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
    const sent = asIs ? body : JSON.stringify(body);
    const response = await fetch(service.url + path, {
      method,
      body: sent,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const ok = async (path: string): Promise<unknown> => {
    const answer = await send('GET', path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  return {
    url: service.url,
    send,
    get: (path) => send('GET', path),
    list: async (path) => list.parse(await ok(path)),
    search: async (path) => searchList.parse(await ok(path)),
    close: () => service.close(),
  };
}

/** Asks until the answer is yes; the last answer otherwise. */
export async function until<T>(ask: () => Promise<T>, yes: (value: T) => boolean, milliseconds = 15_000): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await ask();
    if (yes(value) || Date.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
