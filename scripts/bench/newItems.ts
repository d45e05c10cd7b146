import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { Item } from '../../src/domain/item.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { estimate, pairedEstimate } from '../../src/evaluation/bootstrap.ts';
import { type BenchReport, rounded } from './report.ts';
import { readSequenceData, type SequenceData } from './support/sequenceData.ts';
import { runCommand, startServing } from './support/service.ts';

/** Share of the items that training does not know. */
const HIDDEN = 0.1;
const LIMIT = 200;
/** As many of the latest items as a session may bring. */
const SESSION = 200;
const DAY_MS = 24 * 3600 * 1000;

/** Somebody who turned to a hidden item, and what they had done before that training may know. */
interface Case {
  readonly user: string;
  readonly past: readonly string[];
  readonly target: string;
}

/**
 * A tenth of the items is hidden from training and put live afterwards; everybody who turned to one of them is then asked for,
 * over HTTP, as they were before. Beside it a service that knows what items are and nothing of what people did. Arguments: a
 * folder as for `quality`, `--people N`, `--seed N`.
 */
export async function run(args: readonly string[]): Promise<BenchReport> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { people: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  const data = await readSequenceData(positionals[0] ?? '../shared/data/ml-latest-small');
  const seed = Number(values.seed);
  const random = seededRandom(seed);
  const hidden = new Set(data.items.filter(() => random() < HIDDEN).map(({ id }) => id));
  const { events, cases } = divide(data, hidden);
  const step = Math.max(1, cases.length / Number(values.people));
  const asked = cases.filter((_, i) => Math.floor((i + 1) / step) > Math.floor(i / step));
  if (asked.length === 0) throw new UserError('nobody to ask about: --people must be a number above 0');
  const folder = await mkdtemp(join(tmpdir(), 'winnow-new-items-'));
  try {
    const known = await writeData(join(folder, 'known'), data, { items: data.items.filter(({ id }) => !hidden.has(id)), events });
    const all = await writeData(join(folder, 'all'), data, { items: data.items, events: [] });
    const winnow = await hits(known, 'pipeline', asked, {
      put: data.items.filter(({ id }) => hidden.has(id)),
      query: ({ user }) => `userId=${encodeURIComponent(user)}`,
    });
    const content = await hits(all, 'build-index', asked, {
      put: [],
      query: ({ past }) => `sessionItems=${past.slice(-SESSION).map(encodeURIComponent).join(',')}`,
    });
    const chance = LIMIT / data.items.length;
    const [own, lift] = [estimate(winnow, seededRandom(1)), pairedEstimate(winnow, content, seededRandom(1))];
    const row = (name: string, { mean, low, high }: ReturnType<typeof estimate>) => [
      name,
      rounded(mean, 4),
      `${rounded(low, 4)}–${rounded(high, 4)}`,
    ];
    return {
      name: `new-items-${data.name}`,
      title: `${data.name}: what people turned to among items that were put live after training, over HTTP`,
      setup: { items: data.items.length, hidden: hidden.size, asked: asked.length, limit: LIMIT, seed },
      columns: ['list', `Recall@${LIMIT}`, '95 %'],
      rows: [
        row('winnow', own),
        row('by content alone', estimate(content, seededRandom(1))),
        ['by chance', rounded(chance, 4), null],
      ],
      checks: [
        {
          what: 'ten times chance',
          expected: `≥ ${rounded(10 * chance, 4)}`,
          measured: rounded(own.mean, 4),
          passed: own.mean >= 10 * chance,
        },
        {
          what: 'recall less that by content alone, 95 % interval',
          expected: 'above 0',
          measured: `${rounded(lift.low, 4)}–${rounded(lift.high, 4)}`,
          passed: lift.low > 0,
        },
      ],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Everybody's actions on known items, up to the last of theirs on a hidden one, which is then what is asked for. */
function divide({ items, interactions }: SequenceData, hidden: ReadonlySet<string>) {
  const { actors, offsets, items: acted, times } = interactions;
  const events: { user: string; item: string; time: number }[] = [];
  const cases: Case[] = [];
  for (const [a, actor] of actors.entries()) {
    const user = actor.slice(actor.indexOf(':') + 1);
    const ids = Array.from(acted.subarray(offsets[a]!, offsets[a + 1]!), (ordinal) => items[ordinal]!.id);
    const last = ids.findLastIndex((id) => hidden.has(id));
    const past: string[] = [];
    for (const [i, id] of ids.slice(0, last < 0 ? undefined : last).entries()) {
      if (hidden.has(id)) continue;
      past.push(id);
      events.push({ user, item: id, time: timeOf(times[offsets[a]! + i]!) });
    }
    const target = ids[last];
    if (target !== undefined && past.length > 0) cases.push({ user, past, target });
  }
  return { events, cases };
}

/** Where only the order is known, times are places before the end of a history: as many days. */
const timeOf = (time: number): number => (time < 0 ? 1e12 + time * DAY_MS : time);

/** @returns paths of the configuration and the workspace */
async function writeData(
  folder: string,
  { fields }: SequenceData,
  { items, events }: { items: readonly Item[]; events: readonly object[] },
): Promise<{ config: string; workspace: string }> {
  await mkdir(folder);
  const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(join(folder, 'items.jsonl'), lines(items.map(({ id, fields: own }) => ({ id, ...own }))));
  await writeFile(join(folder, 'events.jsonl'), lines(events));
  const config = join(folder, 'winnow.yaml');
  const dataset = {
    items: { source: 'items.jsonl', id: 'id' },
    ...(events.length === 0
      ? {}
      : { events: { source: 'events.jsonl', user: 'user', item: 'item', time: { column: 'time', unit: 'ms' } } }),
  };
  await writeFile(config, stringify({ dataset, fields, training: { textEncoder: 'none' } }));
  return { config, workspace: join(folder, 'workspace') };
}

const answerSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

/** For each case 1 where the list holds what is asked for, else 0. */
async function hits(
  { config, workspace }: { config: string; workspace: string },
  command: string,
  cases: readonly Case[],
  { put, query }: { put: readonly Item[]; query: (one: Case) => string },
): Promise<Float32Array> {
  await runCommand(command, config, workspace);
  const service = await startServing(config, workspace, { loop: true });
  try {
    for (const { id, fields } of put) {
      const body = JSON.stringify({ fields });
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(`${service.url}/items/${encodeURIComponent(id)}`, { method: 'PUT', headers, body });
      if (status !== 201) throw new UserError(`a new item was answered ${status}`);
    }
    const found = new Float32Array(cases.length);
    for (const [i, one] of cases.entries()) {
      const answer = await fetch(`${service.url}/recommend?${query(one)}&limit=${LIMIT}&record=false`);
      if (!answer.ok) throw new UserError(`a list was answered ${answer.status}: ${await answer.text()}`);
      found[i] = answerSchema.parse(await answer.json()).items.some(({ id }) => id === one.target) ? 1 : 0;
    }
    return found;
  } finally {
    await service.stop();
  }
}
