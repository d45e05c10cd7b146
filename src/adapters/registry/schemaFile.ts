import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno } from '../../domain/errno.ts';
import { UserError } from '../../domain/errors.ts';
import type { EventSchema } from '../../ports/schemaRegistry.ts';
import { checkJsonSchema } from './jsonSchema.ts';

const NAME = /^(?<type>[A-Za-z_][A-Za-z0-9_.-]*)\.v(?<version>[1-9][0-9]{0,5})\.json$/;
const schemaObject = z.record(z.string(), z.json());

export const schemaFileName = (type: string, version: number): string => `${type}.v${version}.json`;

/** A schema and the text it was read from. */
export interface SchemaFile {
  readonly text: string;
  readonly schema: EventSchema;
}

/**
 * The schemas of a folder by path: files called `TYPE.vVERSION.json`. A folder that is not there has none.
 * @param known files read before: one that still says the same gives the same schema, so that what was compiled from it stays good
 * @throws UserError naming the file that is no JSON Schema
 */
export async function readSchemaFolder(folder: string, known: ReadonlyMap<string, SchemaFile>): Promise<[string, SchemaFile][]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw new UserError(`${folder}: cannot be read as a folder of schemas: ${String(error)}`, { cause: error });
  });
  const files = names.sort().filter((name) => name.endsWith('.json'));
  return Promise.all(
    files.map(async (name): Promise<[string, SchemaFile]> => {
      const path = join(folder, name);
      const text = await readFile(path, 'utf8');
      const before = known.get(path);
      return [path, before?.text === text ? before : { text, schema: parseSchemaFile(path, name, text) }];
    }),
  );
}

function parseSchemaFile(path: string, name: string, text: string): EventSchema {
  const parts = NAME.exec(name)?.groups;
  if (parts?.['type'] === undefined || parts['version'] === undefined) {
    throw new UserError(`${path}: a schema's file is called TYPE.vVERSION.json, such as click.v2.json`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: not JSON: ${String(error)}`, { cause: error });
  }
  const parsed = schemaObject.safeParse(value);
  if (!parsed.success) throw new UserError(`${path}: a JSON Schema is an object`);
  const problem = checkJsonSchema(parsed.data);
  if (problem !== undefined) throw new UserError(`${path}: not a JSON Schema: ${problem}`);
  return { type: parts['type'], version: Number(parts['version']), schema: parsed.data };
}
