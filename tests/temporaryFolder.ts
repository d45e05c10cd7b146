import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All that a run of the tests writes into the system's temporary folder is in one folder there, which goes when it ends. */
export default async function setup(): Promise<() => Promise<void>> {
  const outside = tmpdir();
  const inside = await mkdtemp(join(outside, 'winnow-tests-'));
  process.env['WINNOW_KEPT'] ??= outside;
  process.env['TMPDIR'] = inside;
  return () => rm(inside, { recursive: true, force: true });
}
