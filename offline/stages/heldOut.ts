import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../../src/artifacts/manifest.ts';
import { UserError } from '../../src/domain/errors.ts';
import type { MomentResult } from '../../src/evaluation/report.ts';
import { writeFileAtomically } from '../../src/files/atomic.ts';
import type { LogPosition } from '../../src/ports/eventLog.ts';
import type { Split } from '../ranking/interactionLists.ts';

/** File of an artifact that says what both stages proposed where they had not learned the answer. */
export const HELD_OUT_FILE = 'heldout.json';

export interface HeldOut {
  readonly split: Split;
  readonly results: readonly MomentResult[];
}

export const momentResultSchema: z.ZodType<MomentResult> = z.object({
  actor: z.string(),
  target: z.string(),
  place: z.number(),
  top: z.array(z.string()),
});

const heldOutSchema = z.object({
  split: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('last'), unlearned: z.number().int().positive().optional() }),
    z.object({ kind: z.literal('time'), at: z.number(), learnedUntil: z.number().optional() }),
  ]),
  results: z.array(momentResultSchema),
});

export async function writeHeldOut(folder: string, heldOut: HeldOut): Promise<void> {
  await writeFile(join(folder, HELD_OUT_FILE), JSON.stringify(heldOut));
}

/** @throws UserError where the artifact has no ranker that was validated, as where its log is empty */
export async function readHeldOut(folder: string): Promise<HeldOut> {
  const path = join(folder, HELD_OUT_FILE);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError(
      `${path} is missing: held-out lists come with a ranker, and this artifact has none; run "npm run train-ranker", which needs people with several actions each`,
    );
  });
  return heldOutSchema.parse(JSON.parse(text));
}

/** What serves without a ranker: what stage one alone proposed at the moments that a refused first ranker was validated on. */
export interface WithoutRanker extends HeldOut {
  /** Fingerprint of the stage one that serves. */
  readonly retrieval: string;
  /** Up to where the log was read. */
  readonly position: LogPosition;
}

const withoutRankerSchema: z.ZodType<WithoutRanker> = heldOutSchema.extend({
  retrieval: z.string(),
  position: z.record(z.string(), z.number()),
});
const withoutRankerFile = (workspace: string): string => join(workspace, 'cache', 'without-ranker.json');

/** Keeps it for `readServed` until the next first ranker is refused. */
export async function writeWithoutRanker(workspace: string, kept: WithoutRanker): Promise<void> {
  await writeFileAtomically(withoutRankerFile(workspace), JSON.stringify(kept));
}

/**
 * What an artifact proposed where it had not learned the answer, and up to where the log was read for it: by both stages, or by
 * the first alone where no ranker was let through yet.
 * @throws UserError as `readHeldOut` does
 */
export async function readServed(
  workspace: string,
  { manifest, folder }: { readonly manifest: Manifest; readonly folder: string },
): Promise<HeldOut & Pick<WithoutRanker, 'position'>> {
  const path = withoutRankerFile(workspace);
  if (manifest.ranker === null && existsSync(path)) {
    const kept = withoutRankerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    if (kept.retrieval === manifest.inputs.retrieval) return kept;
  }
  return { ...(await readHeldOut(folder)), position: manifest.positions['enriched-events'] };
}
