import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import { type QueryMemoryState, queryMemorySchema } from '../features/queryMemory.ts';
import { type ListStatistics, listStatisticsSchema } from '../features/statistics.ts';
import type { LogPosition } from '../ports/eventLog.ts';
import type { Calibration } from './calibration.ts';
import { type ColumnReference, columnReferenceSchema } from './drift.ts';
import type { Head, Heads } from './head.ts';
import { emptyNetwork, NETWORK_ARRAYS, type Network } from './network.ts';

/** All of a trained ranker: what it reads, how columns are scaled, the network, and what turns scores into probabilities. */
export interface RankerModel extends Heads {
  readonly id: string;
  /** Of the features whose columns these are; a vectoriser of another hash does not go with it. */
  readonly featuresHash: string;
  /** What taught it: lists that were shown, what people did next; of a ranker of searches judged ones, shown ones, or both. */
  readonly taughtBy: z.infer<typeof taughtBySchema>;
  readonly statistics: ListStatistics | null;
  /** What its input columns looked like in training, to tell drift; `null` where too little was seen. */
  readonly reference: ColumnReference | null;
  /** What answered which queries; of a ranker of searches only. */
  readonly memory?: QueryMemoryState;
  /** Next offsets of the enriched events whose searches and clicks the memory has counted; absent where it counts none. */
  readonly counted?: LogPosition;
}

const taughtBySchema = z.enum(['impressions', 'interactions', 'judgments', 'clicks', 'judgments and clicks']);

/** What the files of a ranker are called: that of lists of items, and that of answers to a text. */
export type RankerFile = 'ranker' | 'search-ranker';
export const rankerFiles = (name: RankerFile): readonly [string, string] => [`${name}.json`, `${name}.bin`];
const FORMAT = 1;

const hiddenSchema = z.tuple([z.number().int().positive(), z.number().int().positive()]);
const calibrationSchema = z.object({ slope: z.number().positive(), offset: z.number() });

const headerSchema = z.object({
  kind: z.literal('winnow-ranker'),
  format: z.literal(FORMAT),
  id: z.string(),
  columns: z.array(z.string()).min(1),
  featuresHash: z.string(),
  hidden: hiddenSchema,
  calibration: calibrationSchema,
  brought: z.object({ hidden: hiddenSchema, calibration: calibrationSchema }).optional(),
  taughtBy: taughtBySchema,
  statistics: listStatisticsSchema.nullable(),
  reference: columnReferenceSchema.nullable().default(null),
  memory: queryMemorySchema.optional(),
  counted: z.record(z.string(), z.number()).optional(),
  /** Of the .bin file: float32, little endian: of each head mean, inverse, then the network's arrays. */
  bytes: z.number().int(),
  sha256: z.string(),
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Name for what these numbers are: the same training gives the same id. */
export const rankerId = ({ network, brought }: { readonly network: Network; readonly brought?: Head }): string => {
  const hash = createHash('sha256');
  for (const { network: own } of [{ network }, ...(brought === undefined ? [] : [brought])]) {
    for (const name of NETWORK_ARRAYS) hash.update(new Uint8Array(own[name].buffer, own[name].byteOffset, own[name].byteLength));
  }
  return `listwise-${hash.digest('hex').slice(0, 12)}`;
};

const parts = ({ scaling, network }: Pick<Head, 'scaling' | 'network'>): Float32Array[] => [
  scaling.mean,
  scaling.inverse,
  ...NETWORK_ARRAYS.map((name) => network[name]),
];

/** Writes the .bin file, then the .json that makes it valid, into a folder nobody reads before it is published. */
export async function writeRanker(folder: string, model: RankerModel, name: RankerFile = 'ranker'): Promise<void> {
  const { scaling: _scaling, network, brought, ...rest } = model;
  const arrays = [...parts(model), ...(brought === undefined ? [] : parts(brought))];
  const bytes = Buffer.alloc(4 * arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) for (const value of array) at = bytes.writeFloatLE(value, at);
  const header: z.input<typeof headerSchema> = {
    kind: 'winnow-ranker',
    format: FORMAT,
    ...rest,
    columns: [...rest.columns],
    hidden: [...network.hidden],
    ...(brought === undefined ? {} : { brought: { hidden: [...brought.network.hidden], calibration: brought.calibration } }),
    bytes: bytes.length,
    sha256: sha256(bytes),
  };
  const [json, bin] = rankerFiles(name);
  await writeFile(join(folder, bin), bytes);
  await writeFile(join(folder, json), `${JSON.stringify(header)}\n`);
}

/** Reads what `writeRanker` wrote. @throws UserError naming the file that is missing, truncated or foreign */
export async function readRanker(folder: string, name: RankerFile = 'ranker'): Promise<RankerModel> {
  const [json, bin] = rankerFiles(name);
  const headerPath = join(folder, json);
  const header = parseHeader(headerPath, (await readOrRefuse(headerPath)).toString('utf8'));
  const path = join(folder, bin);
  const bytes = await readOrRefuse(path);
  if (bytes.length !== header.bytes) throw new UserError(`${path} has ${bytes.length} bytes where ${json} says ${header.bytes}`);
  if (sha256(bytes) !== header.sha256) throw new UserError(`${path} is not the file that ${json} describes (its hash differs)`);
  const { kind: _kind, format: _format, bytes: _bytes, sha256: _sha256, hidden, brought, calibration, ...others } = header;
  const { memory, counted, ...rest } = others;
  const main = emptyHead(header.columns.length, { hidden, calibration });
  const second = brought === undefined ? undefined : emptyHead(header.columns.length, brought);
  fill([...parts(main), ...(second === undefined ? [] : parts(second))], bytes, path);
  return {
    ...rest,
    ...main,
    ...(second === undefined ? {} : { brought: second }),
    ...(memory === undefined ? {} : { memory }),
    ...(counted === undefined ? {} : { counted }),
  };
}

const emptyHead = (
  inputs: number,
  { hidden, calibration }: { readonly hidden: readonly [number, number]; readonly calibration: Calibration },
): Head => ({
  network: emptyNetwork(inputs, hidden),
  scaling: { mean: new Float32Array(inputs), inverse: new Float32Array(inputs) },
  calibration,
});

function fill(arrays: readonly Float32Array[], bytes: Buffer, path: string): void {
  const expected = 4 * arrays.reduce((sum, array) => sum + array.length, 0);
  if (expected !== bytes.length) throw new UserError(`${path} has ${bytes.length} bytes where its columns need ${expected}`);
  let at = 0;
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++, at += 4) array[i] = bytes.readFloatLE(at);
    if (array.some((value) => !Number.isFinite(value))) throw new UserError(`${path} holds numbers that are not finite`);
  }
}

function parseHeader(path: string, text: string): z.infer<typeof headerSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError(`${path} is not JSON: it is truncated or of another program`, { cause });
  }
  const result = headerSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new UserError(`${path} does not describe a ranker of this version: ${issue!.path.join('.')}: ${issue!.message}`);
}

async function readOrRefuse(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UserError(`${path} cannot be read`, { cause });
  }
}
