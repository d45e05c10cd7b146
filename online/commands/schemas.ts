import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand } from '../../src/cli/command.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { EventSchema, SchemaRegistry } from '../../src/ports/schemaRegistry.ts';
import { checkSchema, withSchemas } from '../compose.ts';
import { pause } from '../serving/pause.ts';

const NAME = /^(?<type>[A-Za-z][A-Za-z0-9_.-]*)[@.]v?(?<version>[1-9]\d{0,5})(\.json)?$/;
const POLL_MS = 500;

const optionsSchema = z.object({
  args: z.tuple(
    [z.enum(['check', 'push', 'wait'], 'expected check, push or wait'), z.string()],
    'expected an action and a schema',
  ),
  timeout: z
    .string()
    .regex(/^\d{1,6}$/, 'expected seconds')
    .transform(Number)
    .default(60),
});

/** `npm run schemas`: schema first, then the producer that uses it. */
export function addSchemasCommand(program: Command): void {
  addCommand(program, {
    name: 'schemas',
    description: 'Checks or pushes an event schema (a file TYPE.vVERSION.json), or waits until TYPE@VERSION is registered.',
    configure: (command) =>
      command
        .argument('<action>', 'check, push or wait')
        .argument('<schema>', 'path of TYPE.vVERSION.json; for wait TYPE@VERSION')
        .option('--timeout <seconds>', 'how long wait waits (default: 60)'),
    options: optionsSchema,
    async run(context, { args: [action, what], timeout }) {
      const config = await context.loadConfig();
      const message = await withSchemas(config, (registry) => act(registry, action, what, timeout, context.signal));
      context.print(message);
    },
  });
}

async function act(
  registry: SchemaRegistry,
  action: 'check' | 'push' | 'wait',
  what: string,
  timeout: number,
  signal: AbortSignal,
): Promise<string> {
  if (action === 'wait') return wait(registry, what, timeout, signal);
  const schema = await readSchema(what);
  const name = `${schema.type}@${schema.version}`;
  if (action === 'check') {
    checkSchema(schema, registry.all());
    return `${name} can be pushed`;
  }
  await registry.register(schema);
  return `${name} is registered`;
}

async function wait(registry: SchemaRegistry, what: string, timeout: number, signal: AbortSignal): Promise<string> {
  const { type, version } = nameOf(what);
  const end = performance.now() + timeout * 1000;
  while (!signal.aborted && performance.now() < end) {
    await registry.refresh();
    if (registry.get(type, version) !== undefined) return `${type}@${version} is registered`;
    await pause(POLL_MS, signal);
  }
  throw new UserError(`${type}@${version} is not registered after ${timeout} s`);
}

async function readSchema(path: string): Promise<EventSchema> {
  const name = nameOf(basename(path));
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UserError(`${path}: cannot be read`, { cause: error });
  });
  const parsed = z.record(z.string(), z.json()).safeParse(parseJson(path, text));
  if (!parsed.success) throw new UserError(`${path}: a JSON Schema is an object`);
  return { ...name, schema: parsed.data };
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function nameOf(text: string): { type: string; version: number } {
  const parts = NAME.exec(text)?.groups;
  if (parts?.['type'] === undefined || parts['version'] === undefined) {
    throw new UserError(`"${text}" names no schema: expected TYPE@VERSION such as click@2, or a file such as click.v2.json`);
  }
  return { type: parts['type'], version: Number(parts['version']) };
}
