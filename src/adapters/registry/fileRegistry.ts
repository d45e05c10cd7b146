import { join } from 'node:path';
import { UserError } from '../../domain/errors.ts';
import { writeFileAtomically } from '../../files/atomic.ts';
import { incompatibilities } from '../../loop/compatibility.ts';
import type { EventSchema, SchemaRegistry } from '../../ports/schemaRegistry.ts';
import { checkJsonSchema } from './jsonSchema.ts';
import { readSchemaFolder, type SchemaFile, schemaFileName } from './schemaFile.ts';

export interface FileRegistryOptions {
  /** Folders of `TYPE.vVERSION.json` files; of one type and version the last folder's counts. New ones go into the last. */
  readonly folders: readonly string[];
  /** The configured event types: each has version 1 of `_action` unless there is a file of its own. */
  readonly eventTypes: readonly string[];
  /** How often the folders are looked at again, milliseconds; 0 for never. */
  readonly refreshMs?: number;
  readonly onError?: (error: unknown) => void;
}

const GENERIC = '_action';

/** @throws UserError naming the file that is wrong */
export async function openFileSchemaRegistry(options: FileRegistryOptions): Promise<SchemaRegistry> {
  let files: ReadonlyMap<string, SchemaFile> = new Map();
  let schemas: ReadonlyMap<string, EventSchema> = new Map();
  const refresh = async (): Promise<void> => {
    files = await readFiles(options.folders, files);
    schemas = schemasOf(files, options.eventTypes);
  };
  await refresh();
  const refreshMs = options.refreshMs ?? 2000;
  const timer =
    refreshMs === 0
      ? undefined
      : setInterval(() => {
          // What was read before stays in force while a file is broken.
          refresh().catch((error: unknown) => options.onError?.(error));
        }, refreshMs).unref();
  return {
    get: (type, version) => schemas.get(schemaKey(type, version)),
    all: () => [...schemas.values()],
    async register(schema) {
      await refresh();
      checkNew(schema, [...schemas.values()]);
      const folder = options.folders.at(-1);
      if (folder === undefined) throw new UserError('there is no folder to put the schema into');
      const path = join(folder, schemaFileName(schema.type, schema.version));
      await writeFileAtomically(path, `${JSON.stringify(schema.schema, null, 2)}\n`);
      await refresh();
    },
    refresh,
    async close() {
      clearInterval(timer);
    },
  };
}

/** @throws UserError when the schema is none, is there already with other content, or is incompatible with the one before it */
export function checkNew(schema: EventSchema, known: readonly EventSchema[]): void {
  const name = `${schema.type}@${schema.version}`;
  const problem = checkJsonSchema(schema.schema);
  if (problem !== undefined) throw new UserError(`${name}: not a JSON Schema: ${problem}`);
  const versions = known.filter((other) => other.type === schema.type).sort((a, b) => a.version - b.version);
  const same = versions.find((other) => other.version === schema.version);
  if (same !== undefined && JSON.stringify(same.schema) !== JSON.stringify(schema.schema)) {
    throw new UserError(
      `${name} is already registered with another schema: a registered version never changes, push it as a new one`,
    );
  }
  const previous = versions.filter((other) => other.version < schema.version).at(-1);
  const reasons = previous === undefined ? [] : incompatibilities(previous.schema, schema.schema);
  if (reasons.length > 0) {
    throw new UserError(`${name} would refuse events that fit version ${previous?.version}: ${reasons.join('; ')}`, {
      status: 409,
    });
  }
}

async function readFiles(
  folders: readonly string[],
  known: ReadonlyMap<string, SchemaFile>,
): Promise<ReadonlyMap<string, SchemaFile>> {
  const found = await Promise.all(folders.map((folder) => readSchemaFolder(folder, known)));
  return new Map(found.flat());
}

function schemasOf(files: ReadonlyMap<string, SchemaFile>, eventTypes: readonly string[]): ReadonlyMap<string, EventSchema> {
  const found = new Map<string, EventSchema>();
  for (const { schema } of files.values()) found.set(schemaKey(schema.type, schema.version), schema);
  const generic = found.get(schemaKey(GENERIC, 1));
  for (const type of generic === undefined ? [] : eventTypes) {
    const key = schemaKey(type, 1);
    if (!found.has(key) && generic !== undefined) found.set(key, { ...generic, type });
  }
  for (const [key, schema] of found) if (schema.type === GENERIC) found.delete(key);
  return found;
}

const schemaKey = (type: string, version: number): string => `${type}@${version}`;
