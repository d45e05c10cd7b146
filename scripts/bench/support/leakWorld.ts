import type { ServedList } from '../../../online/lists.ts';
import { governanceOf } from '../../../online/pipeline/governance.ts';
import type { ListRequest } from '../../../online/pipeline/request.ts';
import { parseGovernance } from '../../../online/rules/governance.ts';
import type { applyChanges } from '../../../online/serving/applyChanges.ts';
import type { LoadedArtifact } from '../../../src/artifacts/loaded.ts';
import { UnavailableError } from '../../../src/domain/errors.ts';
import type { Fields } from '../../../src/domain/item.ts';
import type { Route } from '../../../src/domain/pipeline.ts';
import type { Random } from '../../../src/domain/random.ts';
import { entityKey } from '../../../src/domain/state.ts';
import { Bitset } from '../../../src/filters/bitset.ts';
import type { Plan } from '../../../src/filters/planner.ts';
import type { FeatureStore } from '../../../src/ports/featureStore.ts';
import {
  drawFilter,
  drawPolicies,
  drawRules,
  type OracleFilter,
  type OraclePolicy,
  REGIONS,
  type Situation,
} from './leakPolicies.ts';
import { drawItem, drawUser, NOW } from './leakShop.ts';

export const ITEMS = 60;
export const USERS = 40;
const ROUTES: readonly Route[] = ['recommend', 'recommend', 'recommend', 'search', 'similar', 'rank'];

/** What was found. */
export interface Counts {
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

interface Asked {
  readonly request: ListRequest;
  readonly filter: OracleFilter | undefined;
  readonly situation: Situation;
  readonly policies: readonly OraclePolicy[];
  readonly follow: boolean;
}

/** What the requests run in: users, the policies in force, and which parts fail at the moment. */
export class LeakWorld {
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
