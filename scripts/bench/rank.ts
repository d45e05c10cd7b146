import { parseArgs } from 'node:util';
import { MEMBERS } from '../../offline/ranking/fit.ts';
import { pastQuery } from '../../offline/ranking/query.ts';
import { createProposer } from '../../offline/stages/stageOne.ts';
import { parseState } from '../../src/adapters/redis/states.ts';
import { createRanker } from '../../src/adapters/wasm/ranker.ts';
import { type Random, seededRandom } from '../../src/domain/random.ts';
import { type EntityKey, type EntityState, entityKey } from '../../src/domain/state.ts';
import type { RankingContext } from '../../src/features/feature.ts';
import { historyOf } from '../../src/features/index.ts';
import { categoryFields } from '../../src/features/ranking/categories.ts';
import { emptyStatistics, type ListStatistics, observeShown } from '../../src/features/statistics.ts';
import { averageOf, emptyNetwork, NETWORK_ARRAYS } from '../../src/ranking/network.ts';
import { createVectoriser, type Vectoriser } from '../../src/ranking/vectoriser.ts';
import { type BenchReport, quantile, rounded } from './report.ts';
import { LoopLog, loopConfig, trainLoopRetrieval } from './support/loopModel.ts';
import { LIST_LENGTH, type LoopWorld, loopWorld } from './support/loopWorld.ts';
import { timed } from './support/timed.ts';

const BARS = { vectoriser: 0.3, ranker: 0.4 } as const;
const CANDIDATES = 200;
const WARM = 300;
const ROUNDS = 1000;
const HIDDEN = [64, 32] as const;
/** What a build chooses where items were taken rarely, and where often. */
const DIMENSIONS = [64, 128] as const;

/**
 * What stage two costs on one core: columns and scores of 200 candidates of people with histories, by length of the items' vectors.
 * Option: --people N.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({ args: [...args], options: { people: { type: 'string', default: '100' } } });
  const world = await loopWorld(Number(values.people), 1);
  const log = new LoopLog();
  const random = seededRandom(2);
  for (let visit = 0; visit < 20; visit++) {
    world.people.forEach((_, person) => {
      const shown = Array.from({ length: LIST_LENGTH }, () => ({ item: Math.floor(world.items.length * random() ** 2) }));
      log.append(world.visit(person, shown, 1e12 + visit * 1e9 + person));
    });
  }
  const logs = [];
  const asked: RankingContext[] = [];
  for (const dimensions of DIMENSIONS) {
    const { inputs, lists } = await propose(world, log, dimensions);
    asked.push(...lists);
    const statistics = emptyStatistics(categoryFields(loopConfig.fields));
    for (const item of world.items) observeShown(statistics, item);
    for (const [name, own] of [
      ['a log of impressions', statistics],
      ['a log without', null],
    ] as const) {
      const vectoriser = createVectoriser({ ...inputs, statistics: own ?? undefined });
      logs.push({ name, dimensions, ...(await measure(vectoriser, own, lists, random)) });
    }
  }
  const mean = (of: (one: RankingContext) => number): number => asked.reduce((sum, one) => sum + of(one), 0) / asked.length;
  const check = (what: string, most: number, measured: number) => ({
    what,
    expected: `≤ ${most} ms`,
    measured: rounded(measured, 3),
    passed: measured <= most,
  });
  return {
    name: 'rank',
    title: 'Stage two: what columns and scores of a list cost',
    setup: {
      items: world.items.length,
      candidates: rounded(
        mean(({ candidates }) => candidates.length),
        0,
      ),
      history: rounded(
        mean(({ history }) => history.length),
        1,
      ),
      networks: `${MEMBERS} of ${HIDDEN.join('-')}`,
      rounds: ROUNDS,
    },
    columns: [
      'taught by',
      'dimensions',
      'columns',
      'vectoriser, ms a list',
      'ranker, ms a list',
      'vectoriser, again',
      'ranker, again',
    ],
    rows: logs.map(({ name, dimensions, columns, first, again }) => [
      name,
      dimensions,
      columns,
      ...[first, again].flatMap(({ vectorising, scoring }) => [rounded(vectorising, 3), rounded(scoring, 3)]),
    ]),
    checks: logs.flatMap(({ name, dimensions, first, again }) =>
      [
        { list: `${name}, ${dimensions} dimensions`, cost: first },
        { list: `${name}, ${dimensions} dimensions, the same list again`, cost: again },
      ].flatMap(({ list, cost }) => [
        check(`${list}: vectoriser, ${CANDIDATES} candidates`, BARS.vectoriser, cost.vectorising),
        check(`${list}: ranker, ${CANDIDATES} candidates`, BARS.ranker, cost.scoring),
      ]),
    ),
    notes: [
      'medians of one thread: of each call the lesser of the clock’s time and the process’s processor time',
      'the states of people and items come fresh from their stored form in each round, as in a request; reading them is not counted',
      'again: the same list once more, when what it needs is in the caches',
    ],
  };
}

/** Lists of everybody, by a stage one whose vectors are that long. */
async function propose(world: LoopWorld, log: LoopLog, dimensions: number) {
  const { full, catalogue } = await trainLoopRetrieval(world.items, log.events, { dimensions });
  const { models } = full;
  const candidatesOf = createProposer(models, catalogue);
  const lists = await Promise.all(
    world.people.map(async ({ id }) => {
      const actor = entityKey('user', id);
      const userState = log.states.get(actor);
      const history = historyOf(userState);
      const query = pastQuery({ actor, history, at: 2e12, ...(userState === undefined ? {} : { userState }) });
      const candidates = (await candidatesOf(history, CANDIDATES, new Set())).map((candidate) => {
        const state = log.states.get(entityKey('item', candidate.id));
        return state === undefined ? candidate : { ...candidate, state };
      });
      return { query, history, candidates };
    }),
  );
  return { inputs: { models, catalogue, fields: loopConfig.fields, weights: { click: 1 } }, lists };
}

/** Milliseconds a list, the median. */
interface Cost {
  readonly vectorising: number;
  readonly scoring: number;
}

/** Columns of a vectoriser, and what it and a ranker of its columns cost, for a list that is new and for the same again. */
async function measure(
  vectoriser: Vectoriser,
  statistics: ListStatistics | null,
  lists: readonly RankingContext[],
  random: Random,
): Promise<{ columns: number; first: Cost; again: Cost }> {
  const columns = vectoriser.columns.length;
  const network = averageOf(
    Array.from({ length: MEMBERS }, () => {
      const member = emptyNetwork(columns, HIDDEN);
      for (const name of NETWORK_ARRAYS) for (let i = 0; i < member[name].length; i++) member[name][i] = 0.1 * (random() - 0.5);
      return member;
    }),
  );
  const ranker = createRanker({
    id: 'bench',
    columns: vectoriser.columns,
    featuresHash: vectoriser.hash,
    network,
    scaling: { mean: new Float32Array(columns), inverse: new Float32Array(columns).fill(1) },
    calibration: { slope: 1, offset: 0 },
    taughtBy: statistics === null ? 'interactions' : 'impressions',
    statistics,
    reference: null,
  });
  const first: Record<keyof Cost, number[]> = { vectorising: [], scoring: [] };
  const again: Record<keyof Cost, number[]> = { vectorising: [], scoring: [] };
  for (let round = -WARM; round < ROUNDS; round++) {
    const list = justRead(lists[(round + WARM) % lists.length]!);
    for (const taken of [first, again]) {
      const vectorising = await timed(() => vectoriser.vectorise(list));
      const scoring = await timed(() => ranker.score(vectorising.value, list.candidates.length));
      if (round < 0) continue;
      taken.vectorising.push(vectorising.thread);
      taken.scoring.push(scoring.thread);
    }
  }
  const usual = ({ vectorising, scoring }: typeof first): Cost => ({
    vectorising: median(vectorising),
    scoring: median(scoring),
  });
  return { columns, first: usual(first), again: usual(again) };
}

function median(times: number[]): number {
  times.sort((a, b) => a - b);
  return quantile(times, 0.5);
}

/** The list with its states as a feature store hands them over: read a moment ago. */
function justRead(list: RankingContext): RankingContext {
  const { query, candidates } = list;
  const { userState } = query;
  return {
    ...list,
    query: userState === undefined ? query : { ...query, userState: reread(userState, entityKey('user', '')) },
    candidates: candidates.map((candidate) => {
      const { id, state } = candidate;
      return state === undefined ? candidate : { ...candidate, state: reread(state, entityKey('item', id)) };
    }),
  };
}

const reread = (state: EntityState, key: EntityKey): EntityState => parseState(JSON.stringify(state), key);
