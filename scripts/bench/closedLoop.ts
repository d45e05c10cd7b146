import { parseArgs } from 'node:util';
import type { EnrichedEvent } from '../../src/domain/event.ts';
import { type Random, seededRandom } from '../../src/domain/random.ts';
import { pairedEstimate } from '../../src/evaluation/bootstrap.ts';
import { type BenchCheck, type BenchReport, rounded } from './report.ts';
import { LoopLog, type LoopModel, type Shown, trainLoopModel } from './support/loopModel.ts';
import { examination, LIST_LENGTH, type LoopWorld, loopWorld } from './support/loopWorld.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
/** Films whose order is asked for of every person: as many as a shelf holds, drawn as the first lists were. */
const SHELF = 50;

/**
 * The loop closed once: a first model learns from lists that chance and fame made, serves people whose tastes are hidden, and a
 * second one learns from all that came of it. Both are then asked about the same people. Every seed makes a world of its own,
 * and the intervals go over the people of all. Options: --people N (a world), --visits N, --seeds N,N.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: '300' },
      visits: { type: 'string', default: '6' },
      seeds: { type: 'string', default: '1,2,3' },
    },
  });
  const [people, visits, seeds] = [Number(values.people), Number(values.visits), values.seeds.split(',').map(Number)];
  const loops: ClosedLoop[] = [];
  for (const seed of seeds) loops.push(await closeLoop(people, visits, seed));

  const first = together(loops.map((loop) => loop.first));
  const second = together(loops.map((loop) => loop.second));
  const uncorrected = together(loops.map((loop) => loop.uncorrected));
  const row = (name: string, { ndcg, clicks }: Judged) => [name, rounded(mean(ndcg), 4), rounded(mean(clicks), 4)];
  return {
    name: 'closed-loop',
    title: 'The loop closed once: before and after learning from its own lists',
    setup: { people, films: loops[0]?.films ?? 0, lists: loops[0]?.lists ?? 0, visits, seeds: seeds.join(', ') },
    columns: ['model', 'NDCG@10 of a shelf', 'clicks a list'],
    rows: [
      row('learned from lists by chance and fame', first),
      row('learned from its own lists too', second),
      row('the same, places not corrected for', uncorrected),
    ],
    checks: [check('NDCG@10', second.ndcg, first.ndcg), check('clicks a list', second.clicks, first.clicks)],
    notes: [
      `every shelf has ${SHELF} films drawn as those of the first lists, its gains are the hidden chances that the person takes each; clicks a list are what the ${LIST_LENGTH} recommended films are expected to bring by hidden tastes and places`,
      difference('correcting for places: NDCG@10', second.ndcg, uncorrected.ndcg),
      difference('correcting for places: clicks a list', second.clicks, uncorrected.clicks),
      `places 1, 2 and 3 are looked at with probability ${places([0, 1, 2].map(examination))} in truth`,
      ...loops.map((loop, world) => `seed ${seeds[world]}: ${told(loop)}`),
    ],
  };
}

interface ClosedLoop {
  readonly films: number;
  readonly lists: number;
  /** Clicks that a list brought, of the first ones and of the first model's. */
  readonly shown: { readonly before: number; readonly after: number };
  readonly first: Judged;
  readonly second: Judged;
  /** Learned as the second from a log without places. */
  readonly uncorrected: Judged;
  readonly examination: readonly number[];
}

async function closeLoop(people: number, visits: number, seed: number): Promise<ClosedLoop> {
  const world = await loopWorld(people, seed);
  const log = new LoopLog();
  await live(world, log, visits, randomLists(world, seed + 1));
  const first = await trainLoopModel(world.items, log);
  const shown = await live(world, log, visits, (person) => first.recommend(world.people[person]!.id, LIST_LENGTH));
  const second = await trainLoopModel(world.items, log);
  const uncorrected = await trainLoopModel(world.items, log, withoutPlaces);
  const shelves = makeShelves(world, seed + 2);
  return {
    films: world.items.length,
    lists: log.events.filter(({ kind }) => kind === 'impression').length,
    shown,
    first: await judge(world, first, shelves),
    second: await judge(world, second, shelves),
    uncorrected: await judge(world, uncorrected, shelves),
    examination: second.examination,
  };
}

const together = (judged: readonly Judged[]): Judged => ({
  ndcg: judged.flatMap(({ ndcg }) => ndcg),
  clicks: judged.flatMap(({ clicks }) => clicks),
});

const told = ({ shown, first, second, examination: estimated }: ClosedLoop): string =>
  `the first lists brought ${rounded(shown.before, 3)} clicks each, those of the first model ${rounded(shown.after, 3)}; ` +
  `places estimated as ${places(estimated)}; ${difference('NDCG@10', second.ndcg, first.ndcg)}, ` +
  difference('clicks a list', second.clicks, first.clicks);

const places = (shares: readonly number[]): string =>
  shares
    .slice(0, 3)
    .map((share) => share.toFixed(2))
    .join(', ');

type ListMaker = (person: number) => Shown[] | Promise<Shown[]>;

/** Everybody comes some times in turn; returns the clicks a list brought before and in these visits. */
async function live(
  world: LoopWorld,
  log: LoopLog,
  visits: number,
  makeList: ListMaker,
): Promise<{ before: number; after: number }> {
  const rate = (events: readonly EnrichedEvent[]): number =>
    events.filter(({ kind }) => kind === 'action').length /
    Math.max(1, events.filter(({ kind }) => kind === 'impression').length);
  const start = log.events.length;
  let at = (log.events.at(-1)?.occurredAt ?? START) + MINUTE;
  for (let visit = 0; visit < visits; visit++) {
    for (let person = 0; person < world.people.length; person++) {
      log.append(world.visit(person, await makeList(person), at));
      at += MINUTE;
    }
  }
  return { before: rate(log.events.slice(0, start)), after: rate(log.events.slice(start)) };
}

/** Draws a film as a service without a model would: half by fame, half by chance. */
function drawer(world: LoopWorld): (random: Random) => number {
  const fame = [...world.items.keys()].sort((a, b) => votes(world, b) - votes(world, a));
  return (random) => (random() < 0.5 ? fame[Math.floor(fame.length * random() ** 3)]! : Math.floor(random() * fame.length));
}

/** Lists in an order by chance. */
function randomLists(world: LoopWorld, seed: number): ListMaker {
  const random = seededRandom(seed);
  const draw = drawer(world);
  return () => {
    const chosen = new Set<number>();
    while (chosen.size < LIST_LENGTH) chosen.add(draw(random));
    return [...chosen].map((item) => ({ item }));
  };
}

const votes = ({ items }: LoopWorld, item: number): number => Number(items[item]!.fields['votes'] ?? 0);

/** An event as a log without places would hold it: then nothing can be corrected. */
const withoutPlaces = (event: EnrichedEvent): EnrichedEvent =>
  event.kind === 'impression' ? { ...event, items: event.items.map(({ id }) => ({ id, position: 1 })) } : event;

function makeShelves(world: LoopWorld, seed: number): number[][] {
  const random = seededRandom(seed);
  const draw = drawer(world);
  return world.people.map(() => {
    const shelf = new Set<number>();
    while (shelf.size < SHELF) shelf.add(draw(random));
    return [...shelf];
  });
}

interface Judged {
  readonly ndcg: readonly number[];
  readonly clicks: readonly number[];
}

/** By person: how well a shelf is ordered, and what a list is expected to bring. */
async function judge(world: LoopWorld, model: LoopModel, shelves: readonly (readonly number[])[]): Promise<Judged> {
  const ndcg: number[] = [];
  const clicks: number[] = [];
  for (const [person, { id }] of world.people.entries()) {
    const gains = (order: readonly number[]): number =>
      order.slice(0, 10).reduce((sum, item, place) => sum + world.liking(person, item) / Math.log2(place + 2), 0);
    const shelf = shelves[person]!;
    const ideal = gains([...shelf].sort((a, b) => world.liking(person, b) - world.liking(person, a)));
    ndcg.push(gains(await model.order(id, shelf)) / ideal);
    const list = await model.recommend(id, LIST_LENGTH);
    clicks.push(
      world.expectedClicks(
        person,
        list.map(({ item }) => item),
      ),
    );
  }
  return { ndcg, clicks };
}

function check(what: string, after: readonly number[], before: readonly number[]): BenchCheck {
  const { mean: gain, low, high } = pairedEstimate(after, before, seededRandom(1));
  return {
    what: `${what} rises by learning from the loop`,
    expected: 'a 95 % interval above 0',
    measured: `${rounded(gain, 4)} (${rounded(low, 4)} to ${rounded(high, 4)})`,
    passed: low > 0,
  };
}

function difference(what: string, a: readonly number[], b: readonly number[]): string {
  const { mean: gain, low, high } = pairedEstimate(a, b, seededRandom(1));
  return `${what} ${rounded(gain, 4)} (95 % between ${rounded(low, 4)} and ${rounded(high, 4)})`;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
