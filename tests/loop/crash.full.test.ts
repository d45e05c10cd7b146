import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canStartBrokers, startBrokers } from '../../scripts/services/brokers.ts';
import { type CrashReport, crashTest } from './crash.ts';

const clean = { lost: [], doubled: [], miscounted: [] };
const told = ({ acknowledged, enriched, diverted }: CrashReport): string =>
  `${acknowledged} acknowledged, ${enriched} enriched, ${diverted} diverted`;

test('200 kills on the embedded log, in four runs', { timeout: 3_600_000 }, async () => {
  for (let run = 0; run < 4; run++) {
    const report = await crashTest({ kills: 50, seed: 100 + run });
    console.log(told(report));
    expect(report).toMatchObject(clean);
  }
});

test.runIf(canStartBrokers())('200 kills on Kafka, of brokers too, in four runs', { timeout: 3_600_000 }, async () => {
  const kafka = await startBrokers(21_292);
  try {
    for (let run = 0; run < 4; run++) {
      const report = await crashTest({ kills: 50, seed: 200 + run, kafka });
      console.log(told(report));
      expect(report).toMatchObject(clean);
    }
  } finally {
    await kafka.stop();
  }
});

test('50 kills with the store on a Redis Cluster', { timeout: 1_200_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-crash-cluster-'));
  const port = 21_600;
  const cluster = (command: string) =>
    execFileSync('bash', ['scripts/services/redis-cluster.sh', command, folder, String(port)], { stdio: ['ignore', 2, 2] });
  cluster('start');
  try {
    const redisCluster = Array.from({ length: 6 }, (_, n) => `127.0.0.1:${port + n}`);
    const report = await crashTest({ kills: 50, seed: 300, redisCluster });
    console.log(told(report));
    expect(report).toMatchObject(clean);
  } finally {
    cluster('stop');
    await rm(folder, { recursive: true });
  }
});
