import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { UnavailableError, UserError } from '../../domain/errors.ts';
import { schemaRegistryConformance } from '../../ports/conformance/schemaRegistry.ts';
import { openConfluentSchemaRegistry } from './confluentRegistry.ts';
import { openFileSchemaRegistry } from './fileRegistry.ts';

const openFiles = (folder: string) => openFileSchemaRegistry({ folders: [folder], eventTypes: [], refreshMs: 0 });

schemaRegistryConformance('files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-registry-'));
  const registry = await openFiles(folder);
  const other = await openFiles(folder);
  return {
    registry,
    other,
    close: async () => {
      await registry.close();
      await other.close();
      await rm(folder, { recursive: true });
    },
  };
});

schemaRegistryConformance('Confluent-compatible (a stand-in of its REST API)', async () => {
  const server = await standIn();
  const options = { url: server.url, refreshSeconds: 3600 };
  const registry = await openConfluentSchemaRegistry(options);
  const other = await openConfluentSchemaRegistry(options);
  return {
    registry,
    other,
    close: async () => {
      await registry.close();
      await other.close();
      server.close();
    },
  };
});

test('every configured event type has version 1 from the start, a file of its own goes first, news are picked up', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-registry-'));
  await writeFile(join(folder, 'buy.v1.json'), '{"type":"object","title":"own"}');
  const registry = await openFileSchemaRegistry({
    folders: ['data/schemas', folder],
    eventTypes: ['click', 'buy'],
    refreshMs: 20,
  });
  expect(
    registry
      .all()
      .map(({ type, version }) => `${type}@${version}`)
      .sort(),
  ).toEqual(['buy@1', 'click@1', 'impression@1']);
  expect(registry.get('buy', 1)?.schema['title']).toBe('own');
  await writeFile(join(folder, 'click.v2.json'), '{"type":"object"}');
  for (let i = 0; i < 200 && registry.get('click', 2) === undefined; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(registry.get('click', 2)).toBeDefined();
  await registry.close();
  await rm(folder, { recursive: true });
});

test('a broken schema file is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-registry-'));
  await writeFile(join(folder, 'click.v2.json'), '{"type": 5}');
  await expect(openFiles(folder)).rejects.toThrow(/click\.v2\.json: not a JSON Schema/);
  await writeFile(join(folder, 'click.v2.json'), '{');
  await expect(openFiles(folder)).rejects.toThrow(/click\.v2\.json: not JSON/);
  await rm(join(folder, 'click.v2.json'));
  await writeFile(join(folder, 'click.json'), '{}');
  await expect(openFiles(folder)).rejects.toThrow(/TYPE\.vVERSION\.json/);
  await rm(folder, { recursive: true });
});

test('a registry that is away at the start is told; one that goes away later leaves what was read in force', async () => {
  await expect(openConfluentSchemaRegistry({ url: 'http://127.0.0.1:1', refreshSeconds: 5 })).rejects.toBeInstanceOf(
    UnavailableError,
  );
  const server = await standIn();
  const errors: unknown[] = [];
  const registry = await openConfluentSchemaRegistry({
    url: server.url,
    refreshSeconds: 0.02,
    onError: (error) => errors.push(error),
  });
  await registry.register({ type: 'click', version: 1, schema: { type: 'object' } });
  server.close();
  for (let i = 0; i < 200 && errors.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(errors[0]).toBeInstanceOf(UnavailableError);
  expect(registry.get('click', 1)).toBeDefined();
  await registry.close();
});

test('the registry’s own refusal reaches the caller', async () => {
  const server = await standIn(() => false);
  const registry = await openConfluentSchemaRegistry({ url: server.url, refreshSeconds: 3600 });
  await registry.register({ type: 'click', version: 1, schema: { type: 'object' } });
  const refused = await registry
    .register({ type: 'click', version: 2, schema: { type: 'object', title: 'x' } })
    .catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(UserError);
  expect(String(refused)).toMatch(/finds click incompatible/);
  await registry.close();
  server.close();
});

/** The part of a schema registry's REST API that the client uses, in memory. No real one could be run here. */
async function standIn(isCompatible: () => boolean = () => true): Promise<{ url: string; close(): void }> {
  const subjects = new Map<string, string[]>();
  const server: Server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' }).end(JSON.stringify(body));
    };
    const parts = new URL(request.url ?? '/', 'http://x').pathname.split('/').slice(1).map(decodeURIComponent);
    const subject = parts[0] === 'compatibility' ? parts[2]! : parts[1]!;
    const versions = subjects.get(subject) ?? [];
    if (request.method === 'GET') {
      if (parts.length === 1) return answer(200, [...subjects.keys()]);
      if (parts[3] === undefined)
        return answer(
          200,
          versions.map((_, i) => i + 1),
        );
      const schema = versions[Number(parts[3]) - 1];
      return schema === undefined
        ? answer(404, { error_code: 40402, message: 'Version not found' })
        : answer(200, { subject, version: Number(parts[3]), id: 1, schemaType: 'JSON', schema });
    }
    const { schema } = z.object({ schemaType: z.literal('JSON'), schema: z.string() }).parse(JSON.parse(await body(request)));
    if (parts[0] === 'compatibility') return answer(200, { is_compatible: isCompatible(), messages: ['as the test wants it'] });
    if (parts[2] === 'versions') {
      if (!versions.includes(schema)) subjects.set(subject, [...versions, schema]);
      return answer(200, { id: 1 });
    }
    return answer(200, { subject, id: 1, version: versions.indexOf(schema) + 1, schema });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
