import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where what is fetched or built once is kept for the next time: not in the folder of a test run, which goes with it. */
export const keptFolder = (name: string): string => join(process.env['WINNOW_KEPT'] ?? tmpdir(), name);
