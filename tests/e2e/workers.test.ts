import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { list } from '../../online/http/answers.ts';
import { makeShop, type Shop, until } from './harness.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WORKERS = 2;
const line = z.object({ message: z.string(), worker: z.number().optional(), loop: z.boolean().optional() });

/** `serve --workers`: real processes on one port, one of them killed. */
describe('several workers', () => {
  let shop: Shop;
  let child: ChildProcess;
  let url = '';
  let log = '';

  beforeAll(async () => {
    shop = await makeShop({ items: 60, users: 20 });
    await shop.command('build-index');
    const args = ['--import', 'tsx', join(ROOT, 'online', 'main.ts'), 'serve', '--port', '0', '--workers', String(WORKERS)];
    child = spawn(process.execPath, [...args, '--config', shop.config, '--workspace', shop.workspace], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
    url = await new Promise<string>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the service ended:\n${log}`)));
      child.stdout?.on('data', (chunk: Buffer) => {
        const found = /http:\/\/[\d.]+:\d+/.exec(chunk.toString());
        if (found !== null) resolve(found[0]);
      });
    });
  }, 120_000);
  afterAll(async () => {
    if (child?.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await shop?.remove();
  });

  const told = (message: string) =>
    log
      .split('\n')
      .flatMap((text) => (text.startsWith('{') ? (line.safeParse(JSON.parse(text)).data ?? []) : []))
      .filter((entry) => entry.message === message);

  /** On a connection of its own, so that the workers take turns. */
  const send = (method: string, path: string, body?: unknown, headers = {}): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ keepAlive: false });
      const type = body === undefined ? {} : { 'content-type': 'application/json' };
      const sent = request(url + path, { method, agent, headers: { ...type, ...headers } }, (res) => {
        let text = '';
        res.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        res.once('end', () => resolve({ status: res.statusCode ?? 0, text }));
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const lists = (path: string) =>
    Promise.all(Array.from({ length: 4 * WORKERS }, async () => list.parse(JSON.parse((await send('GET', path)).text))));

  it('share one port, one of them working through the events', () => {
    expect(told('worker serves')).toHaveLength(WORKERS);
    expect(
      told('worker started')
        .map(({ loop }) => loop)
        .sort(),
    ).toEqual([false, true]);
  });

  it('all have a change of rules within two seconds, and of the catalogue within one', async () => {
    const rules = [{ id: 'front', where: 'item.id == "i42"', pin: 1 }];
    expect((await send('PUT', '/rules', { rules, policies: [] }, { 'if-match': '*' })).status).toBe(200);
    const published = performance.now();
    await until(
      () => lists('/recommend?limit=3&record=false'),
      (all) => all.every(({ items }) => items[0]?.id === 'i42'),
    );
    expect(performance.now() - published).toBeLessThan(2000);
    expect((await send('DELETE', '/items/i42')).status).toBe(204);
    const gone = await until(
      () => lists('/recommend?limit=3&record=false'),
      (all) => all.every(({ items }) => items.every(({ id }) => id !== 'i42')),
      2000,
    );
    expect(gone.flatMap(({ items }) => items.map(({ id }) => id))).not.toContain('i42');
  });

  it('changes of one item through different workers all count', async () => {
    expect([201, 202]).toContain((await send('PUT', '/items/shared', { title: 'shared' })).status);
    const prices = Array.from({ length: 6 }, (_, i) => ({ price: i }));
    const changes = [{ year: 2001 }, { brand: 'Acme' }, { genre: 'folk' }, ...prices, { released: '2024-05-01' }];
    // A 503 says that it is busy, and to try again.
    const patch = (change: object) =>
      until(
        () => send('PATCH', '/items/shared', change),
        ({ status }) => status !== 503,
        20_000,
      );
    const answers = await Promise.all(changes.map(patch));
    for (const { status } of answers) expect([200, 202]).toContain(status);
    const shared = z.object({ fields: z.record(z.string(), z.unknown()) });
    const fields = await until(
      async () => Object.keys(shared.parse(JSON.parse((await send('GET', '/items/shared')).text)).fields).sort(),
      (names) => names.length === 6,
    );
    expect(fields).toEqual(['brand', 'genre', 'price', 'released', 'title', 'year']);
    expect([202, 204]).toContain((await send('DELETE', '/items/shared')).status);
  }, 180_000);

  it('a killed one is replaced, its work goes on, and new connections are answered meanwhile', async () => {
    const worker = told('worker started').find(({ loop }) => loop)?.worker;
    process.kill(worker ?? 0, 'SIGKILL');
    await until(
      async () => told('worker ended').length,
      (count) => count > 0,
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('GET', '/recommend?userId=u2&limit=5&record=false')));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const clicked = list.parse(JSON.parse(answers[0]?.text ?? '')).items[0]?.id ?? '';
    const payload = { userId: 'u2', itemId: clicked };
    const events = [{ id: 'w-1', type: 'click', schemaVersion: 1, occurredAt: Date.now(), payload }];
    expect((await send('POST', '/events', { events })).status).toBe(202);
    const after = await until(
      () => lists('/recommend?userId=u2&limit=5&record=false'),
      (all) => all.every(({ items }) => items.every(({ id }) => id !== clicked)),
      30_000,
    );
    expect(after.flatMap(({ items }) => items.map(({ id }) => id))).not.toContain(clicked);
    await until(
      async () => told('worker serves').length,
      (count) => count > WORKERS,
      30_000,
    );
    expect(told('worker started').filter(({ loop }) => loop)).toHaveLength(2);
  }, 240_000);

  it('metrics are those of all workers', async () => {
    const count = async () => {
      const { text } = await send('GET', '/metrics');
      return {
        lists: Number(/^winnow_http_request_duration_seconds_count\{[^}]*route="\/recommend"[^}]*\} (\d+)/m.exec(text)?.[1]),
        items: Number(/^winnow_catalogue_items (\d+)/m.exec(text)?.[1]),
      };
    };
    const before = await count();
    await lists('/recommend?limit=1&record=false');
    const after = await until(count, ({ lists: now }) => now === before.lists + 4 * WORKERS);
    expect(after).toEqual({ lists: before.lists + 4 * WORKERS, items: 59 });
  });

  it('all go over to a new artifact', async () => {
    const [before] = await lists('/recommend?limit=1&record=false');
    await shop.command('build-index');
    const after = await until(
      () => lists('/recommend?limit=1&record=false'),
      (all) => all.every(({ served }) => served.artifact !== before?.served.artifact),
      30_000,
    );
    expect(new Set(after.map(({ served }) => served.artifact)).size).toBe(1);
  }, 240_000);

  it('end in order: no request that was taken is lost, and no worker stays', async () => {
    const pids = told('worker serves')
      .slice(-WORKERS)
      .map(({ worker }) => worker ?? 0);
    const open = Array.from({ length: 12 }, () => send('GET', '/recommend?userId=u3&limit=20'));
    await open[0];
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect((await Promise.all(open)).map(({ status }) => status)).toEqual(Array(12).fill(200));
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    expect(told('worker stopped')).toHaveLength(WORKERS);
    await expect(send('GET', '/healthz')).rejects.toThrow();
  }, 180_000);

  it('refuse to run where the service cannot start, and say why', async () => {
    const args = ['--import', 'tsx', join(ROOT, 'online', 'main.ts'), 'serve', '--port', '0', '--workers', '2'];
    const empty = join(shop.folder, 'nothing');
    const failing = spawn(process.execPath, [...args, '--config', shop.config, '--workspace', empty], { cwd: ROOT });
    let text = '';
    failing.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    onTestFinished(() => void failing.kill('SIGKILL'));
    const [code] = await once(failing, 'exit');
    expect(code).toBe(1);
    expect(text).toContain('build-index');
    expect(text).toContain('could not start');
  }, 180_000);
});
