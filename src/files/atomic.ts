import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Writes a file so that a reader, at any moment and after any crash, finds the old content or the new, whole. */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(temporary, content);
    await publishFile(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The same for a file that was written under another name in the folder, such as a stream's. */
export async function publishFile(temporary: string, path: string): Promise<void> {
  await sync(temporary);
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Makes renames inside a folder durable. */
export const syncFolder = (folder: string): Promise<void> => sync(folder);

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
