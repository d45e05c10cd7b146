import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentProgress } from '../src/cli/progress.ts';
import type { StageRunner } from '../src/cli/stages.ts';

/** A new folder with a shop of thirty things, each of whose people takes six by the same rule: what its configuration loads from. */
export async function shop(people: number) {
  const folder = await mkdtemp(join(tmpdir(), 'winnow-tune-'));
  const items = Array.from({ length: 30 }, (_, i) => `i${i},${i % 3 ? 'a' : 'b'}`);
  const events = Array.from({ length: people }, (_, u) =>
    Array.from({ length: 6 }, (_, k) => `u${u},i${(u + k * 7) % 30},click,2024-01-0${k + 1}T00:00:00Z`),
  ).flat();
  await writeFile(join(folder, 'items.csv'), `id,kind\n${items.join('\n')}\n`);
  await writeFile(join(folder, 'events.csv'), `user,item,type,time\n${events.join('\n')}\n`);
  const config = join(folder, 'winnow.yaml');
  await writeFile(
    config,
    `dataset:
  items: { source: items.csv, id: id }
  events: { source: events.csv, user: user, item: item, type: type, time: time }
fields: { kind: { type: category } }
training: { textEncoder: none, epochs: 1, dimensions: 8 }
`,
  );
  return { config, workspace: join(folder, 'data'), env: {} };
}

/** Runs stages without a word. */
export const silently: StageRunner = async (_title, work) => {
  await work(silentProgress);
};
