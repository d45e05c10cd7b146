import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno } from '../domain/errno.ts';
import { UserError } from '../domain/errors.ts';
import { writeFileAtomically } from '../files/atomic.ts';

/** File of a workspace that holds what `tune` found. It counts where `winnow.yaml` is silent. */
const TUNED_FILE = 'tuned.json';

const tunedTrainingSchema = z.strictObject({
  dimensions: z.number().int().min(4).max(512),
  historyLength: z.number().int().min(1).max(200),
  epochs: z.number().int().min(1),
  dropout: z.number().min(0).max(0.9),
});

/** The settings of training that `tune` chooses. */
export type TunedTraining = z.infer<typeof tunedTrainingSchema>;

const tunedSchema = z.strictObject({
  training: tunedTrainingSchema,
  /** Why: every setting that was tried, on the same held-out actions. */
  evidence: z.strictObject({
    measuredAt: z.string(),
    backend: z.string(),
    /** Held-out actions, and what is compared on them. */
    cases: z.number().int(),
    metric: z.string(),
    trials: z.array(z.strictObject({ training: tunedTrainingSchema, quality: z.number(), seconds: z.number() })),
  }),
});
export type Tuned = z.infer<typeof tunedSchema>;

/** @returns `undefined` where nothing was tuned @throws UserError naming the file, where it is not what `tune` writes */
export async function readTuned(workspace: string): Promise<Tuned | undefined> {
  const path = join(workspace, TUNED_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  const parsed = tunedSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new UserError(`${path} is not what "npm run tune" writes: remove it, or tune again`);
}

/** @returns the file's path */
export async function writeTuned(workspace: string, tuned: Tuned): Promise<string> {
  const path = join(workspace, TUNED_FILE);
  await writeFileAtomically(path, `${JSON.stringify(tuned, null, 2)}\n`);
  return path;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
