import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ndcgOfOrder } from '../../offline/ranking/listMetrics.ts';
import { UserError } from '../../src/domain/errors.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { pairedEstimate } from '../../src/evaluation/bootstrap.ts';
import { type BenchReport, rounded } from './report.ts';
import { clicksOf, requestOf, writeImpressionFiles } from './support/impressionFiles.ts';
import { type ImpressionLog, type LoggedList, makeImpressionLog } from './support/impressionLog.ts';
import { runCommand, startServing } from './support/service.ts';

/** The part of the lists, the latest, that is asked about. */
const TEST = 0.2;
/** Imaginary showings at the base rate in an item's click rate. */
const STRENGTH = 10;

const answerSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

/**
 * A made-up log of lists of 24 films through the public commands: built and trained on the first four fifths, then each list of
 * the rest is sent to `POST /rank` before its impression and its clicks are sent to `POST /events`. Arguments: a MovieLens folder,
 * `--people rated|drawn`, `--lists N`, `--seed N`.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: 'rated' },
      lists: { type: 'string', default: '8773' },
      seed: { type: 'string', default: '1' },
    },
    allowPositionals: true,
  });
  const { people } = values;
  if (people !== 'rated' && people !== 'drawn') throw new UserError(`--people must be rated or drawn, not "${people}"`);
  const [count, seed] = [Number(values.lists), Number(values.seed)];
  const log = await makeImpressionLog(positionals[0] ?? '../shared/data/ml-latest-small', { people, count, seed });
  const from = Math.floor((1 - TEST) * log.lists.length);
  const test = log.lists.slice(from);
  const gains = test.map(gainsOf);
  const figures = (orders: readonly (readonly number[])[]): number[] => orders.map((order, i) => ndcgOfOrder(order, gains[i]!));
  const shown = figures(test.map(({ shown: films }) => [...films.keys()]));
  const byRate = figures(rateOrders(log, from));
  const byWinnow = figures(await servedOrders(log, from));
  const lift = pairedEstimate(byWinnow, byRate, seededRandom(1));
  const row = (name: string, list: readonly number[]) => [name, rounded(mean(list), 4)];
  return {
    name: `impressions-${people}`,
    title: `Lists of 24 films, brought to POST /rank with the events between; people ${people}`,
    setup: {
      lists: log.lists.length,
      asked: test.length,
      people: new Set(log.lists.map(({ person }) => person)).size,
      films: log.items.length,
      clicks: rounded(mean(test.map(({ clicked }) => clicked.length))),
      seed,
    },
    columns: ['order', 'NDCG@10'],
    rows: [row('as shown', shown), row('click rate of the item', byRate), row('winnow', byWinnow)],
    checks: [
      {
        what: 'NDCG@10 less the click rate’s, 95 % interval',
        expected: 'above 0',
        measured: `${rounded(lift.low, 4)}–${rounded(lift.high, 4)}`,
        passed: lift.low > 0,
      },
    ],
  };
}

const gainsOf = ({ shown, clicked }: LoggedList): Float32Array => {
  const gains = new Float32Array(shown.length);
  for (const place of clicked) gains[place] = 1;
  return gains;
};

/** By each item's own click rate so far, shrunk. */
function rateOrders({ items, lists }: ImpressionLog, from: number): number[][] {
  const seen = new Float64Array(items.length);
  const clicks = new Float64Array(items.length);
  let [allSeen, allClicks] = [0, 0];
  const orders: number[][] = [];
  lists.forEach(({ shown, clicked }, n) => {
    const base = allClicks / Math.max(1, allSeen);
    const rate = (film: number): number => (clicks[film]! + STRENGTH * base) / (seen[film]! + STRENGTH);
    if (n >= from) orders.push([...shown.keys()].sort((a, b) => rate(shown[b]!) - rate(shown[a]!) || a - b));
    for (const film of shown) seen[film]!++;
    for (const place of clicked) clicks[shown[place]!]!++;
    allSeen += shown.length;
    allClicks += clicked.length;
  });
  return orders;
}

/** What the service makes of each list from there on, told of each before it is asked about the next. */
async function servedOrders(log: ImpressionLog, from: number): Promise<number[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-impressions-'));
  try {
    const config = await writeImpressionFiles(join(folder, 'data'), log, from);
    const workspace = join(folder, 'workspace');
    await runCommand('build-index', config, workspace);
    await runCommand('train-ranker', config, workspace);
    const service = await startServing(config, workspace, { loop: true });
    try {
      const orders: number[][] = [];
      for (const [i, list] of log.lists.slice(from).entries()) {
        const ids = list.shown.map((film) => log.items[film]!.id);
        const answer = await post(`${service.url}/rank?record=false`, { userId: list.person, items: ids });
        orders.push(answerSchema.parse(await answer.json()).items.map(({ id }) => ids.indexOf(id)));
        const events = eventsOf(log, list, from + i);
        await (await post(`${service.url}/events`, { events })).arrayBuffer();
        await applied(service.url);
      }
      return orders;
    } finally {
      await service.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function eventsOf(log: ImpressionLog, list: LoggedList, n: number) {
  const shared = { userId: list.person, requestId: requestOf(n) };
  const items = list.shown.map((film) => log.items[film]!.id);
  const event = (type: string, id: string, occurredAt: number, payload: object) => ({
    id,
    type,
    schemaVersion: 1,
    occurredAt,
    payload: { ...shared, ...payload },
  });
  return [
    event('impression', `shown-${n}`, list.time, { items }),
    ...clicksOf(log, list).map(({ item, time, position }) =>
      event('click', `click-${n}-${position}`, time, { itemId: item, position }),
    ),
  ];
}

async function post(url: string, body: object): Promise<Response> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new UserError(`${url} was answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** Waits until the store knows all that was sent. */
async function applied(url: string): Promise<void> {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    const lags = [...text.matchAll(/^winnow_log_lag\{[^}]*\} (\d+)/gm)];
    if (lags.length > 0 && lags.every(([, lag]) => lag === '0')) return;
    await sleep(5);
  }
}

const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
