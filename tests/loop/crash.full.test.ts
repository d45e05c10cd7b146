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
