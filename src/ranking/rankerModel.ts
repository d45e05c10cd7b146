import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../domain/errors.ts';
import { type ListStatistics, listStatisticsSchema } from '../features/statistics.ts';
import type { Calibration } from './calibration.ts';
import { type ColumnReference, columnReferenceSchema } from './drift.ts';
import { emptyNetwork, NETWORK_ARRAYS, type Network } from './network.ts';
import type { Scaling } from './standardise.ts';

/** All of a trained ranker: what it reads, how columns are scaled, the network, and what turns scores into probabilities. */
export interface RankerModel {
  readonly id: string;
  readonly columns: readonly string[];
  /** Of the features whose columns these are; a vectoriser of another hash does not go with it. */
  readonly featuresHash: string;
  readonly scaling: Scaling;
  readonly network: Network;
  readonly calibration: Calibration;
  /** Whether it was taught by lists that were shown, or by what people did next. */
  readonly taughtBy: 'impressions' | 'interactions';
  readonly statistics: ListStatistics | null;
  /** What its input columns looked like in training, to tell drift; `null` where too little was seen. */
  readonly reference: ColumnReference | null;
}

export const RANKER_FILES = ['ranker.json', 'ranker.bin'] as const;
const FORMAT = 1;

const headerSchema = z.object({
  kind: z.literal('winnow-ranker'),
  format: z.literal(FORMAT),
  id: z.string(),
  columns: z.array(z.string()).min(1),
  featuresHash: z.string(),
  hidden: z.tuple([z.number().int().positive(), z.number().int().positive()]),
  calibration: z.object({ slope: z.number().positive(), offset: z.number() }),
  taughtBy: z.enum(['impressions', 'interactions']),
  statistics: listStatisticsSchema.nullable(),
  reference: columnReferenceSchema.nullable().default(null),
  /** Of ranker.bin: float32, little endian: mean, inverse, then the network's arrays. */
  bytes: z.number().int(),
  sha256: z.string(),
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Name for what these numbers are: the same training gives the same id. */
export const rankerId = (network: Network): string => {
  const hash = createHash('sha256');
  for (const name of NETWORK_ARRAYS)
    hash.update(new Uint8Array(network[name].buffer, network[name].byteOffset, network[name].byteLength));
  return `listwise-${hash.digest('hex').slice(0, 12)}`;
};

const parts = ({ scaling, network }: Pick<RankerModel, 'scaling' | 'network'>): Float32Array[] => [
  scaling.mean,
  scaling.inverse,
  ...NETWORK_ARRAYS.map((name) => network[name]),
];

/** Writes `ranker.bin`, then `ranker.json` that makes it valid, into a folder nobody reads before it is published. */
export async function writeRanker(folder: string, model: RankerModel): Promise<void> {
  const arrays = parts(model);
  const bytes = Buffer.alloc(4 * arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) for (const value of array) at = bytes.writeFloatLE(value, at);
  const { id, columns, featuresHash, calibration, taughtBy, statistics, reference, network } = model;
  const header: z.input<typeof headerSchema> = {
    kind: 'winnow-ranker',
    format: FORMAT,
    id,
    columns: [...columns],
    featuresHash,
    hidden: [...network.hidden],
    calibration,
    taughtBy,
    statistics,
    reference,
    bytes: bytes.length,
    sha256: sha256(bytes),
  };
  await writeFile(join(folder, 'ranker.bin'), bytes);
  await writeFile(join(folder, 'ranker.json'), `${JSON.stringify(header)}\n`);
}

/** Reads what `writeRanker` wrote. @throws UserError naming the file that is missing, truncated or foreign */
export async function readRanker(folder: string): Promise<RankerModel> {
  const headerPath = join(folder, 'ranker.json');
  const header = parseHeader(headerPath, (await readOrRefuse(headerPath)).toString('utf8'));
  const path = join(folder, 'ranker.bin');
  const bytes = await readOrRefuse(path);
  if (bytes.length !== header.bytes)
    throw new UserError(`${path} has ${bytes.length} bytes where ranker.json says ${header.bytes}`);
  if (sha256(bytes) !== header.sha256)
    throw new UserError(`${path} is not the file that ranker.json describes (its hash differs)`);
  const inputs = header.columns.length;
  const network = emptyNetwork(inputs, header.hidden);
  const scaling = { mean: new Float32Array(inputs), inverse: new Float32Array(inputs) };
  const arrays = parts({ scaling, network });
  const expected = 4 * arrays.reduce((sum, array) => sum + array.length, 0);
  if (expected !== bytes.length) throw new UserError(`${path} has ${bytes.length} bytes where its columns need ${expected}`);
  let at = 0;
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++, at += 4) array[i] = bytes.readFloatLE(at);
    if (array.some((value) => !Number.isFinite(value))) throw new UserError(`${path} holds numbers that are not finite`);
  }
  const { id, columns, featuresHash, calibration, taughtBy, statistics, reference } = header;
  return { id, columns, featuresHash, scaling, network, calibration, taughtBy, statistics, reference };
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
