import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Client, makeShop, type Shop, serveShop, until } from '../e2e/harness.ts';

const run = promisify(execFile);

/** Values of one metric on /metrics, by its labels. */
async function metric(client: Client, name: string): Promise<Map<string, number>> {
  const text = String((await client.get('/metrics')).body);
  const lines = text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'));
  return new Map([...lines].map(([, labels, value]) => [labels ?? '', Number(value)]));
}

let shop: Shop;
beforeAll(async () => {
  shop = await makeShop();
  await shop.command('pipeline', '--force');
});
afterAll(() => shop?.remove());

/** Asks for everybody's list a few times. */
async function visit(client: Client, users: readonly string[], times: number): Promise<void> {
  for (let n = 0; n < times; n++) for (const user of users) await client.list(`/recommend?userId=${user}&record=false`);
}

const usual = Array.from({ length: 80 }, (_, u) => `u${u}`);

/** Whether an alert fires when Prometheus sees these values every minute. */
async function fires(alert: string, series: string, values: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-alert-'));
  const tests = [
    {
      interval: '1m',
      input_series: [{ series, values }],
      alert_rule_test: [{ alertname: alert, eval_time: '90m', exp_alerts: [] }],
    },
  ];
  const file = join(folder, 'live.test.yml');
  await writeFile(file, JSON.stringify({ rule_files: [resolve('deploy/prometheus/winnow.rules.yml')], tests }));
  const { stdout } = await run('bash', ['scripts/services/prometheus.sh']);
  try {
    return await run(stdout.trim(), ['test', 'rules', file]).then(
      () => false,
      (error: unknown) => {
        // Whatever else is wrong with the test is no alert.
        expect(String(error)).toContain(`alertname: ${alert}`);
        return true;
      },
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('people as training knew them show no drift; a crowd that does something else does, and the alert fires on it', async () => {
  const client = await serveShop(shop);
  await visit(client, usual, 2);
  const before = await metric(client, 'winnow_feature_drift_psi');
  expect(before.size).toBeGreaterThan(30);
  // Everybody of the shop has done equally much, so that the one action training held back shows in what counts actions.
  const counting = /history|affinity/;
  const quiet = [...before].filter(([labels]) => !counting.test(labels));
  expect(quiet.filter(([, index]) => index > 0.25)).toEqual([]);

  const crowd = Array.from({ length: 100 }, (_, n) => `crowd${n}`);
  await act(
    client,
    crowd.map((userId, n) => ({ userId, itemId: `i${299 - (n % 20)}` })),
  );
  await until(
    () => client.list('/recommend?userId=crowd99&excludeSeen=true&limit=500&record=false'),
    ({ items }) => items.every(({ id }) => id !== 'i280'),
  );
  await visit(client, crowd, 2);
  const after = await metric(client, 'winnow_feature_drift_psi');
  const series = 'feature="covisitation.score"';
  expect(after.get(series)).toBeGreaterThan(0.25);
  expect(await fires('WinnowFeaturesDrift', `winnow_feature_drift_psi{${series}}`, `${after.get(series)}x90`)).toBe(true);
  expect(await fires('WinnowFeaturesDrift', `winnow_feature_drift_psi{${series}}`, `${before.get(series)}x90`)).toBe(false);
  await client.close();
});

test('features grow old while nothing applies what people do, the alert fires on it, and an enricher of its own makes them young', async () => {
  const name = 'winnow_feature_age_seconds';
  const series = 'feature="seen",source="actions"';
  const age = async (client: Client) => (await metric(client, name)).get(series) ?? Number.NaN;
  const alone = await serveShop(shop, {}, { loop: false });
  const before = await age(alone);
  await act(alone, [{ userId: 'u1', itemId: 'i1' }]);
  await sleep(1500);
  const stale = await age(alone);
  expect(stale - before).toBeGreaterThan(1);
  const models = [...(await metric(alone, name))].filter(([labels]) => labels.includes('source="models"'));
  expect(models.length).toBeGreaterThan(3);
  const args = ['--import', 'tsx', 'online/main.ts', 'enricher', '--config', shop.config, '--workspace', shop.workspace];
  const enricher = spawn(process.execPath, args, { stdio: 'ignore' });
  const young = await until(
    () => age(alone),
    (value) => value < stale,
    30_000,
  );
  expect(young).toBeLessThan(stale);
  const { body } = await alone.get('/users/u1');
  expect(JSON.stringify(body)).toContain('"itemId":"i1"');
  const exited = once(enricher, 'exit');
  enricher.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(await fires('WinnowFeaturesStale', `${name}{${series}}`, `${stale}+60x90`)).toBe(true);
  expect(await fires('WinnowFeaturesStale', `${name}{${series}}`, `${stale}x90`)).toBe(false);
  await alone.close();
});

async function act(client: Client, payloads: readonly { userId: string; itemId: string }[]): Promise<void> {
  const events = payloads.map((payload, n) => ({
    id: `act-${payload.userId}-${n}`,
    type: 'click',
    schemaVersion: 1,
    occurredAt: Date.now(),
    payload,
  }));
  expect((await client.send('POST', '/events', { events })).status).toBe(202);
}
