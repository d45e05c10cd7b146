import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src/domain/errors.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import type { Split } from '../ranking/interactionLists.ts';

/** File of an artifact that says what both stages proposed where they had not learned the answer. */
export const HELD_OUT_FILE = 'heldout.json';

export interface HeldOut {
  readonly split: Split;
  readonly results: readonly MomentResult[];
}

const heldOutSchema: z.ZodType<HeldOut> = z.object({
  split: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('last'), unlearned: z.number().int().positive().optional() }),
    z.object({ kind: z.literal('time'), at: z.number(), learnedUntil: z.number().optional() }),
  ]),
  results: z.array(z.object({ actor: z.string(), target: z.string(), place: z.number(), top: z.array(z.string()) })),
});

export async function writeHeldOut(folder: string, heldOut: HeldOut): Promise<void> {
  await writeFile(join(folder, HELD_OUT_FILE), JSON.stringify(heldOut));
}

/** @throws UserError where the artifact has no ranker that was validated, as where its log is empty */
export async function readHeldOut(folder: string): Promise<HeldOut> {
  const path = join(folder, HELD_OUT_FILE);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError(
      `${path} is missing: held-out lists come with a ranker, and this artifact has none; run "npm run train-ranker", which needs people with several actions each, and says how both orders did where it refuses the new one`,
    );
  });
  return heldOutSchema.parse(JSON.parse(text));
}
