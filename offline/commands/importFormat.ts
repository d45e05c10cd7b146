import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CommandSpec } from '../../src/cli/command.ts';
import { UserError } from '../../src/domain/errors.ts';
import { movielens, movielens1m } from '../importers/movielens.ts';
import { sequences, userItemPairs } from '../importers/sequences.ts';

const FORMATS = [movielens, movielens1m, sequences, userItemPairs];

const optionsSchema = z.object({
  format: z.enum(
    FORMATS.map(({ name }) => name),
    { error: `expected one of ${FORMATS.map(({ name }) => name).join(', ')}` },
  ),
  from: z.string({ error: 'name the file or folder to read' }),
  to: z.string({ error: 'name the folder to write to' }),
  force: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

/** `import-format`: a public data set's own form into items.csv, events.csv and a winnow.yaml that fits them. */
export function importFormatCommand(): CommandSpec<Options> {
  return {
    name: 'import-format',
    description: 'turn a data set of MovieLens, or plain sequences, into items.csv, events.csv and winnow.yaml',
    configure: (command) => {
      command
        .option('--format <name>', FORMATS.map(({ name, expects }) => `${name}: ${expects}`).join('; '))
        .option('--from <path>', 'what to read')
        .option('--to <folder>', 'where to write')
        .option('--force', 'replace a winnow.yaml that is there');
    },
    options: optionsSchema,
    async run({ print, stage }, { format: name, from, to, force }) {
      const format = FORMATS.find((candidate) => candidate.name === name);
      if (format === undefined) throw new Error(`the format ${name} passed the check and is not there`);
      const path = join(to, 'winnow.yaml');
      if (!force && existsSync(path)) throw new UserError(`${path} is there already; --force replaces it`);
      await mkdir(to, { recursive: true });
      await stage(`Converting ${from}`, async () => {
        const { items, events } = await allOrNothing(to, async (folder) => {
          const converted = await format.convert(from, folder);
          await writeFile(join(folder, 'winnow.yaml'), converted.config);
          return converted;
        });
        print(`wrote ${path}: ${items} items, ${events} events`);
        return 'ran';
      });
      print(`next: npm run build-index -- --config ${path} --workspace ${join(to, 'data')}`);
    },
  };
}

/** What the work writes into the folder it is given is in `to` when all of it is done. */
async function allOrNothing<T>(to: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(to, '.partial-'));
  try {
    const result = await work(folder);
    for (const name of await readdir(folder)) await rename(join(folder, name), join(to, name));
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
