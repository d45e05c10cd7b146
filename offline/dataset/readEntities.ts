import type { FieldDefinitions } from '../../src/config/schema.ts';
import { parseEntity } from '../../src/dataset/rows.ts';
import { fieldColumns } from '../../src/dataset/values.ts';
import type { Fields } from '../../src/domain/item.ts';
import type { Tables } from '../../src/ports/tables.ts';
import { type Rejects, unreadable } from './rejects.ts';

export interface EntitySource {
  readonly source: string;
  readonly id: string;
  readonly fields: FieldDefinitions;
}

/**
 * The items or users of a file by id, in the file's order. An id that comes twice is a bad row the second time.
 * @throws UserError as the tables and the rejects do
 */
export async function readEntities(
  tables: Tables,
  { source, id, fields }: EntitySource,
  rejects: Rejects,
  onRead: (share: number) => void,
): Promise<Map<string, Fields>> {
  const entities = new Map<string, Fields>();
  let rows = 0;
  for await (const batch of tables.read(source, [id, ...fieldColumns(fields)])) {
    rows += batch.rows.length + batch.unreadable.length;
    const bad = batch.unreadable.map(unreadable);
    for (const { line, cells } of batch.rows) {
      const parsed = parseEntity(cells, fields);
      if ('reason' in parsed) bad.push({ line, reason: parsed.reason, row: cells });
      else if (entities.has(parsed.value.id))
        bad.push({ line, reason: `the id ${JSON.stringify(parsed.value.id)} is there already`, row: cells });
      else entities.set(parsed.value.id, parsed.value.fields);
    }
    await rejects.addAll(bad);
    onRead(batch.read);
  }
  await rejects.finish(rows);
  return entities;
}
