import { expect, test } from 'vitest';
import { crashTest } from './crash.ts';

test('200 kills, in four runs', { timeout: 3_600_000 }, async () => {
  for (let run = 0; run < 4; run++) {
    expect(await crashTest(50, 100 + run)).toMatchObject({ lost: [], doubled: [], miscounted: [] });
  }
});
