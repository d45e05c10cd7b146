import { constants, copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Manifest } from '../src/artifacts/manifest.ts';
import type { ArtifactStore, ManifestDraft } from '../src/ports/artifactStore.ts';
import { OUTPUT_FILE } from './stageGraph.ts';

/** A folder whose files go into the artifact: all of them, or only those named. */
export interface ArtifactPart {
  readonly folder: string;
  readonly only?: readonly string[];
  readonly without?: readonly string[];
}

/** Puts files of some folders together as a new version and makes it the current one. */
export async function publishArtifact(
  artifacts: ArtifactStore,
  parts: readonly ArtifactPart[],
  draft: ManifestDraft,
): Promise<Manifest> {
  const manifest = await artifacts.publish(async (staging) => {
    for (const part of parts) await copyFiles(part, staging);
    return draft;
  });
  await artifacts.promote(manifest.version);
  return manifest;
}

/** Files that tell about a folder rather than belong to the artifact. */
const ABOUT = [OUTPUT_FILE, 'manifest.json'];

async function copyFiles({ folder, only, without = [] }: ArtifactPart, to: string): Promise<void> {
  const left = new Set([...ABOUT, ...without]);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (!entry.isFile() || left.has(path) || only?.includes(path) === false) continue;
    await mkdir(dirname(join(to, path)), { recursive: true });
    // Where the file system can, a copy shares its blocks and costs nothing.
    await copyFile(join(folder, path), join(to, path), constants.COPYFILE_FICLONE);
  }
}
