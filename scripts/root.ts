import { join } from 'node:path';

/** The project's folder, seen from here as from the build. */
export const ROOT = join(import.meta.dirname, '..');
