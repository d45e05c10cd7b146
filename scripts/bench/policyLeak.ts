import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLists } from '../../online/lists.ts';
import { createCursors } from '../../online/pipeline/cursor.ts';
import { createPages } from '../../online/pipeline/pages.ts';
import { createStageParts } from '../../online/pipeline/parts.ts';
import { createSearchAnswer } from '../../online/pipeline/searchAnswer.ts';
import { applyChanges, putVectors } from '../../online/serving/applyChanges.ts';
import { MemoryFeatureStore } from '../../src/adapters/memory/featureStore.ts';
import { loadArtifact, openArtifacts } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { UserError } from '../../src/domain/errors.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { BenchReport } from './report.ts';
import { buildShop, NOW } from './support/leakShop.ts';
import { type Counts, ITEMS, LeakWorld, USERS } from './support/leakWorld.ts';

/** Requests that run side by side, with changes of the catalogue between their stages. */
const BATCH = 4;
/** Batches under one set of policies and rules. */
const BATCHES_PER_SET = 25;

/**
 * Random requests under random policies, pins, filters, failures, wrong plans and live changes, through the pipeline that serves. Every
 * item of every answer is checked by code that knows no CEL. Options: --requests N, --seed N (printed; the same seed draws
 * the same shop and requests).
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { requests: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
  });
  const seed = values.seed === undefined ? Math.floor(Date.now() % 1_000_000_007) : Number(values.seed);
  process.stdout.write(`policy leak: seed ${seed}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'winnow-leak-'));
  try {
    const found = await search(folder, Number(values.requests), seed);
    return report(found, seed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function search(folder: string, requests: number, seed: number): Promise<Counts> {
  const random = seededRandom(seed);
  const shop = await buildShop(folder, random, ITEMS, USERS);
  const config = await loadConfig({ ...shop, env: {} });
  const artifacts = await openArtifacts(config.workspace);
  const artifact = await loadArtifact(config, await artifacts.open((await artifacts.current()) ?? ''));
  const world = new LeakWorld(artifact, new MemoryFeatureStore(), random);
  const cursors = createCursors({ secret: String(seed), clock: () => NOW });
  const lasting = {
    config,
    artifact: () => world.artifact,
    governance: () => world.governance(config),
    pages: createPages(cursors),
    searchAnswer: createSearchAnswer(config),
    impressions: { add: () => {}, close: async () => {} },
    metrics: createMetrics({ defaults: false }),
    logger: silentLogger,
  };
  // Parts remember failures, and leave what failed alone for seconds: in each batch others fail.
  const createServing = () =>
    createLists({ ...lasting, parts: createStageParts({ config, store: world.store, clock: () => NOW, logger: silentLogger }) });
  const counts: Counts = { requests: 0, items: 0, empty: 0, degraded: 0, ranked: 0, pages: 0, updates: 0, catches: 0, leaks: [] };
  try {
    for (let batch = 0; counts.requests < requests && counts.leaks.length < 10; batch++) {
      if (batch % BATCHES_PER_SET === 0) await world.newSet();
      world.newFailures();
      const serve = createServing();
      const asked = Array.from({ length: Math.min(BATCH, requests - counts.requests) }, () => world.draw());
      const updates = world.drawUpdates();
      counts.updates += updates.length;
      const answers = asked.map(async (one) => {
        const first = await serve(one.request, { record: false });
        world.check(one, first, counts);
        const { nextCursor } = first.slate;
        if (nextCursor === null || !one.follow) return;
        counts.pages++;
        const next = await serve({ ...one.request, cursor: nextCursor }, { record: false }).catch(unlessGone);
        if (next !== undefined) world.check(one, next, counts);
      });
      if (updates.length > 0) answers.push(applyChanges(artifact, updates).then((changed) => putVectors(artifact, changed)));
      await Promise.all(answers);
      counts.requests += asked.length;
      if (batch % 2_500 === 2_499)
        process.stdout.write(`${counts.requests} requests, ${counts.items} items, ${counts.leaks.length} leaks\n`);
    }
  } finally {
    await artifact.close();
  }
  return counts;
}

/** The item that others were to be like may have been deleted between two pages. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof UserError) || error.status !== 404) throw error;
}

function report(counts: Counts, seed: number): BenchReport {
  const { leaks, ...figures } = counts;
  return {
    name: 'policy-leak',
    title: 'Random requests, and whether an answer ever held what a policy or its filter forbids',
    setup: { seed, items: ITEMS, users: USERS, batch: BATCH },
    columns: ['figure', 'value'],
    rows: [...Object.entries(figures), ['leaks', leaks.length]],
    checks: [{ what: `leaks in ${counts.requests} requests`, expected: '0', measured: leaks.length, passed: leaks.length === 0 }],
    notes: leaks.slice(0, 10),
  };
}
