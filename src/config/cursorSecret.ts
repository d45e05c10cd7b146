import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../domain/errno.ts';
import { UserError } from '../domain/errors.ts';

/**
 * The secret that signs cursors where the environment gives none: made once for each workspace, readable by its owner
 * alone, so that all processes on the workspace share it and cursors outlive a restart.
 */
export async function workspaceCursorSecret(workspace: string): Promise<string> {
  const path = join(workspace, 'cursor-secret');
  const existing = await readSecret(path);
  if (existing !== undefined) return existing;
  await mkdir(workspace, { recursive: true });
  const secret = randomBytes(32).toString('base64url');
  const staging = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const handle = await open(staging, 'wx', 0o600);
    try {
      await handle.writeFile(secret);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link fails where the name is taken: of several processes that start at once, one secret wins.
    await link(staging, path).catch((error: unknown) => {
      if (!isErrno(error, 'EEXIST')) throw error;
    });
  } finally {
    await rm(staging, { force: true });
  }
  return (await readSecret(path)) ?? secret;
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const secret = await readFile(path, 'utf8');
    if (secret.length >= 16) return secret;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  throw new UserError(`${path}: too short for a secret; delete it and a new one is made`);
}
