import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLists, type ServedList } from '../../online/lists.ts';
import { createCursors } from '../../online/pipeline/cursor.ts';
import { governanceOf } from '../../online/pipeline/governance.ts';
import { createPages } from '../../online/pipeline/pages.ts';
import { createStageParts } from '../../online/pipeline/parts.ts';
import type { ListRequest } from '../../online/pipeline/request.ts';
import { createSearchAnswer } from '../../online/pipeline/searchAnswer.ts';
import { parseGovernance } from '../../online/rules/governance.ts';
import { applyChanges, putVectors } from '../../online/serving/applyChanges.ts';
import { MemoryFeatureStore } from '../../src/adapters/memory/featureStore.ts';
import type { LoadedArtifact } from '../../src/artifacts/loaded.ts';
import { loadArtifact, openArtifacts } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load.ts';
import { UnavailableError, UserError } from '../../src/domain/errors.ts';
import type { Fields } from '../../src/domain/item.ts';
import type { Route } from '../../src/domain/pipeline.ts';
import { type Random, seededRandom } from '../../src/domain/random.ts';
import { entityKey } from '../../src/domain/state.ts';
import { Bitset } from '../../src/filters/bitset.ts';
import type { Plan } from '../../src/filters/planner.ts';
import { silentLogger } from '../../src/logging/logger.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import type { BenchReport } from './report.ts';
import {
  drawFilter,
  drawPolicies,
  drawRules,
  type OracleFilter,
  type OraclePolicy,
  REGIONS,
  type Situation,
} from './support/leakPolicies.ts';
import { buildShop, drawItem, drawUser, NOW } from './support/leakShop.ts';

const ITEMS = 60;
const USERS = 40;
/** Requests that run side by side, with changes of the catalogue between their stages. */
const BATCH = 4;
/** Batches under one set of policies and rules. */
const BATCHES_PER_SET = 25;
const ROUTES: readonly Route[] = ['recommend', 'recommend', 'recommend', 'search', 'similar', 'rank'];

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

interface Counts {
  requests: number;
  items: number;
  empty: number;
  degraded: number;
  /** Lists that a ranker ordered. */
  ranked: number;
  pages: number;
  updates: number;
  /** Items that the last check stopped, where plans let everything through. */
  catches: number;
  readonly leaks: string[];
}

async function search(folder: string, requests: number, seed: number): Promise<Counts> {
  const random = seededRandom(seed);
  const shop = await buildShop(folder, random, ITEMS, USERS);
  const config = await loadConfig({ ...shop, env: {} });
  const artifacts = await openArtifacts(config.workspace);
  const artifact = await loadArtifact(config, await artifacts.open((await artifacts.current()) ?? ''));
  const world = new World(artifact, new MemoryFeatureStore(), random);
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

interface Asked {
  readonly request: ListRequest;
  readonly filter: OracleFilter | undefined;
  readonly situation: Situation;
  readonly policies: readonly OraclePolicy[];
  readonly follow: boolean;
}

/** What the requests run in: users, the policies in force, and which parts fail at the moment. */
class World {
  readonly artifact: LoadedArtifact;
  readonly store: FeatureStore;
  readonly #random: Random;
  readonly #users: Map<string, Fields>;
  readonly #own: FeatureStore;
  #commits = 0;
  readonly #failing = new Set<string>();
  #policies: readonly OraclePolicy[] = [];
  #rules = drawRules(() => 1);
  #governance: ReturnType<typeof governanceOf> | undefined;

  constructor(artifact: LoadedArtifact, store: FeatureStore, random: Random) {
    this.#random = random;
    this.#users = new Map(Array.from({ length: USERS }, (_, i) => [`u${i}`, drawUser(random)]));
    this.#own = store;
    const fail = (part: string): void => {
      if (this.#failing.has(part)) throw new UnavailableError(`${part} is away`);
    };
    this.store = failing(store, ['getMany'], () => fail('store'));
    const { ranker, textIndex } = artifact;
    this.artifact = {
      ...artifact,
      sources: artifact.sources.map((source) => ({
        name: source.name,
        applies: (query) => source.applies(query),
        retrieve: async (query, k, filter) => {
          fail(source.name);
          return source.retrieve(query, k, filter);
        },
      })),
      planner: { plan: (filter) => (this.#failing.has('plans') ? everything(artifact) : artifact.planner.plan(filter)) },
      textIndex: failing(textIndex, ['search', 'match'], () => fail('lexical')),
      ...(ranker === undefined ? {} : { ranker: failing(ranker, ['score'], () => fail('ranker')) }),
    };
  }

  /** Other policies and rules, and some users changed. */
  async newSet(): Promise<void> {
    this.#policies = drawPolicies(this.#random);
    this.#rules = drawRules(this.#random);
    this.#governance = undefined;
    for (const id of this.#users.keys()) if (this.#random() < 0.2) this.#users.set(id, drawUser(this.#random));
    const puts = new Map([...this.#users].map(([id, fields]) => [entityKey('user', id), { fields, features: {} }] as const));
    await this.#own.commit({ consumer: 'bench', partition: 0, nextOffset: ++this.#commits, puts });
  }

  governance(config: Parameters<typeof parseGovernance>[1]): ReturnType<typeof governanceOf> {
    const policies = this.#policies.map(({ source }) => source);
    this.#governance ??= governanceOf(parseGovernance({ rules: this.#rules, policies }, config));
    return this.#governance;
  }

  newFailures(): void {
    this.#failing.clear();
    for (const part of ['store', 'ranker', 'lexical', 'plans', ...this.artifact.sources.map(({ name }) => name)])
      if (this.#random() < 0.03) this.#failing.add(part);
  }

  drawUpdates(): Parameters<typeof applyChanges>[1][number][] {
    const random = this.#random;
    if (random() < 0.75) return [];
    return Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
      const id = `i${Math.floor(random() * (ITEMS + 10))}`;
      if (random() < 0.2) return { kind: 'item.delete', id, origin: 'live' } as const;
      return { kind: 'item.put', item: drawItem(random, id), origin: 'live' } as const;
    });
  }

  draw(): Asked {
    const random = this.#random;
    const item = (): string => `i${Math.floor(random() * ITEMS)}`;
    let route = ROUTES[Math.floor(random() * ROUTES.length)]!;
    const anchor = item();
    if (route === 'similar' && this.artifact.catalogue.get(anchor) === undefined) route = 'recommend';
    const userId = random() < 0.8 ? `u${Math.floor(random() * (USERS + 5))}` : undefined;
    const filter = drawFilter(random);
    const context = {
      ...(random() < 0.8 ? { region: REGIONS[Math.floor(random() * REGIONS.length)]! } : {}),
      ...(random() < 0.8 ? { hour: Math.floor(random() * 24) } : {}),
    };
    const request: ListRequest = {
      route,
      ...(userId === undefined ? {} : { userId }),
      sessionItems: random() < 0.3 ? [item(), item()] : [],
      ...(route === 'search'
        ? { text: random() < 0.8 ? ['night', 'golden river', 'iron gardn'][Math.floor(random() * 3)]! : '' }
        : {}),
      ...(route === 'similar' ? { anchor } : {}),
      ...(route === 'rank' ? { items: Array.from({ length: 15 }, () => item()) } : {}),
      limit: 1 + Math.floor(random() * 12),
      ...(filter === undefined ? {} : { filter: filter.source }),
      excludeSeen: random() < 0.5,
      context,
      explain: random() < 0.015,
      personalise: random() < 0.9,
      facets: route === 'search' && random() < 0.2 ? ['rating'] : [],
      ...(route === 'search' && random() < 0.1 ? { sort: 'price' } : {}),
    };
    const user = userId === undefined ? {} : (this.#users.get(userId) ?? {});
    return { request, filter, situation: { user, context, now: NOW }, policies: this.#policies, follow: random() < 0.3 };
  }

  /** Every item as it was answered, by the oracles. */
  check(asked: Asked, { slate, trace }: ServedList, counts: Counts): void {
    if (slate.items.length === 0) counts.empty++;
    if (slate.degraded.length > 0) counts.degraded++;
    if (slate.served.ranker !== 'none' && !slate.degraded.includes('ranker')) counts.ranked++;
    counts.items += slate.items.length;
    counts.catches += trace.removed.filter(({ stage }) => stage === 'policy').length;
    for (const { id, fields } of slate.items) {
      const forbidding = asked.policies.find(({ forbids }) => forbids({ id, fields }, asked.situation));
      const filtered = asked.filter !== undefined && asked.filter.keeps({ id, fields }) !== true;
      if (!forbidding && !filtered) continue;
      const rule = forbidding ? `policy ${JSON.stringify(forbidding.source)}` : `filter ${asked.filter?.source}`;
      counts.leaks.push(`${rule} let through ${JSON.stringify({ id, fields })} in ${JSON.stringify(asked.request)}`);
    }
    if (new Set(slate.items.map(({ id }) => id)).size !== slate.items.length)
      counts.leaks.push(`an item came twice: ${JSON.stringify(asked.request)}`);
  }
}

/** A plan gone wrong: it lets everything through, so that only the last check is left. */
function everything({ catalogue }: LoadedArtifact): Plan {
  const plan: Plan = {
    count: catalogue.rows,
    exact: true,
    bitset: Bitset.full(catalogue.rows),
    has: () => true,
    resolve: async () => plan,
  };
  return plan;
}

/** The item that others were to be like may have been deleted between two pages. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof UserError) || error.status !== 404) throw error;
}

/** The same part, some of whose methods may fail. */
function failing<T extends object>(part: T, methods: readonly string[], fail: () => void): T {
  return new Proxy(part, {
    get: (target, name) => {
      if (typeof name === 'string' && methods.includes(name)) fail();
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
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
