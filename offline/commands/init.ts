import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { CommandSpec } from '../../src/cli/command.ts';
import { DEFAULT_CONFIG } from '../../src/config/load.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { UserError } from '../../src/domain/errors.ts';
import { writeFileAtomically } from '../../src/files/atomic.ts';
import type { Tables } from '../../src/ports/tables.ts';
import { configText } from '../init/configText.ts';
import { findOut } from '../init/findOut.ts';

const optionsSchema = z.object({
  items: z.string({ error: 'name the file with your catalogue, such as --items items.csv' }),
  users: z.string().optional(),
  events: z.string().optional(),
  itemId: z.string().optional(),
  userId: z.string().optional(),
  force: z.boolean().default(false),
});
type Options = z.infer<typeof optionsSchema>;

/** `init`: writes a first configuration by looking at the files. */
export function initCommand(withTables: <T>(work: (tables: Tables) => Promise<T>) => Promise<T>): CommandSpec<Options> {
  return {
    name: 'init',
    description: 'write a first winnow.yaml by looking at your files',
    configure: (command) => {
      command
        .option('--items <file>', 'the catalogue: CSV, NDJSON or Parquet')
        .option('--events <file>', 'what people did')
        .option('--users <file>', 'attributes of users')
        .option('--item-id <column>', 'the id column of the items, where it cannot be told')
        .option('--user-id <column>', 'the id column of the users, where it cannot be told')
        .option('--force', 'replace a configuration that is there');
    },
    options: optionsSchema,
    async run({ configPath, print }, options) {
      const name = configPath ?? DEFAULT_CONFIG;
      const path = resolve(name);
      if (!options.force && existsSync(path)) throw new UserError(`${name} is there already; --force replaces it`);
      const root = dirname(path);
      const at = (file: string) => relative(root, resolve(file)).replaceAll('\\', '/');
      const findings = await withTables((tables) => findOut(tables, options));
      const text = configText({
        items: { ...findings.items, source: at(findings.items.source) },
        users: findings.users && { ...findings.users, source: at(findings.users.source) },
        events: findings.events && { ...findings.events, source: at(findings.events.source) },
      });
      parseConfig(text, name);
      if (options.force) await writeFileAtomically(path, text);
      else await writeFile(path, text, { flag: 'wx' });
      print(
        `wrote ${name}: ${findings.items.fields.filter(({ type }) => type !== undefined).length} fields, id column ${findings.items.id}`,
      );
      if (findings.events !== undefined) {
        const { user, item, time, unit, type } = findings.events.roles;
        print(`events: user ${user}, item ${item}, time ${time} (${unit}), type ${type ?? 'none, every row is a click'}`);
      }
      print(`read it over, then: npm run build-index${name === DEFAULT_CONFIG ? '' : ` -- --config ${name}`}`);
    },
  };
}
