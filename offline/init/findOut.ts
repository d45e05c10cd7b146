import { idText } from '../../src/dataset/values.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { Tables } from '../../src/ports/tables.ts';
import { sampleColumns } from './columnSample.ts';
import type { Findings } from './configText.ts';
import { guessFields } from './fields.ts';
import { eventRoles, itemId, userId } from './roles.ts';

export interface Files {
  readonly items: string;
  readonly users?: string;
  readonly events?: string;
  /** Id columns, where the caller knows better. */
  readonly itemId?: string;
  readonly userId?: string;
}

/** As many rows are looked at for ids and for event types. */
const MANY_ROWS = 2_000_000;

/** @throws UserError where a file is missing, or a column that is needed can't be told */
export async function findOut(tables: Tables, files: Files): Promise<Findings> {
  const itemColumns = await sampleColumns(tables, files.items);
  const id = itemId(itemColumns, files.items, files.itemId);
  const fields = guessFields(itemColumns, id);
  if (!fields.some(({ type }) => type !== undefined)) throw new UserError(`${files.items}: there is no field beside the id`);
  return {
    items: { source: files.items, id, fields },
    ...(files.users === undefined ? {} : { users: await findOutUsers(tables, files.users, files.userId) }),
    ...(files.events === undefined ? {} : { events: await findOutEvents(tables, files.events, files.items, id) }),
  };
}

async function findOutUsers(tables: Tables, source: string, named: string | undefined) {
  const columns = await sampleColumns(tables, source);
  const id = userId(columns, source, named);
  return { source, id, fields: guessFields(columns, id).map((guess) => ({ ...guess, facet: false, title: false })) };
}

async function findOutEvents(tables: Tables, source: string, items: string, itemColumn: string) {
  const ids = await distinctValues(tables, items, itemColumn);
  const roles = eventRoles(await sampleColumns(tables, source), source, (id) => ids.has(id), itemColumn);
  const found = roles.type === undefined ? [] : [...(await distinctValues(tables, source, roles.type, 1000))];
  const types = found.filter((type) => type !== 'impression');
  return { source, roles, types: types.length === 0 ? ['click'] : types };
}

async function distinctValues(tables: Tables, source: string, column: string, limit = MANY_ROWS): Promise<ReadonlySet<string>> {
  const values = new Set<string>();
  let rows = 0;
  for await (const batch of tables.read(source, [column])) {
    for (const { cells } of batch.rows) {
      const text = idText(cells[0]);
      if (text !== undefined && text !== '') values.add(text);
    }
    rows += batch.rows.length;
    if (rows >= MANY_ROWS || values.size >= limit) break;
  }
  return values;
}
