import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Manifest, manifestSchema } from '../../artifacts/manifest.ts';
import { type Clock, systemClock } from '../../domain/clock.ts';
import { UserError } from '../../domain/errors.ts';
import { syncFolder, writeFileAtomically } from '../../files/atomic.ts';
import type { ArtifactStore, ManifestDraft } from '../../ports/artifactStore.ts';
import { filesBelow, hashFile } from './files.ts';

const WATCH_INTERVAL_MS = 250;
const STAGING_PREFIX = '.staging-';

/** `current.json`: which version serves, and which ones did before it, newest last. */
const currentSchema = z.object({ version: z.string(), previous: z.array(z.string()) });
type Current = z.infer<typeof currentSchema>;

/** Artifacts as folders below one folder: `<version>/manifest.json` and its files, and `current.json` beside them. */
export async function openFolderArtifactStore(folder: string, clock: Clock = systemClock): Promise<ArtifactStore> {
  await mkdir(folder, { recursive: true });
  await removeStagingOfTheDead(folder);
  const currentPath = join(folder, 'current.json');

  async function readCurrent(): Promise<Current | undefined> {
    const text = await readIfThere(currentPath);
    if (text === undefined) return undefined;
    const parsed = currentSchema.safeParse(parseJson(text));
    if (!parsed.success)
      throw new UserError(`${currentPath} is not a pointer to an artifact; remove it and promote a version again`);
    return parsed.data;
  }

  async function readManifest(version: string): Promise<Manifest> {
    const path = join(folder, version, 'manifest.json');
    const text = await readIfThere(path);
    if (text === undefined) throw new UserError(`artifact ${version}: ${path} is missing`, { status: 404 });
    const parsed = manifestSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      throw new UserError(
        `artifact ${version}: ${path} is not a manifest this version of Winnow reads: ${z.prettifyError(parsed.error)}`,
      );
    }
    if (parsed.data.version !== version) throw new UserError(`artifact ${version}: ${path} belongs to ${parsed.data.version}`);
    return parsed.data;
  }

  return {
    async list() {
      const entries = await readdir(folder, { withFileTypes: true });
      const versions = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
      const manifests: Manifest[] = [];
      for (const version of versions.sort().reverse()) {
        if ((await readIfThere(join(folder, version, 'manifest.json'))) !== undefined)
          manifests.push(await readManifest(version));
      }
      return manifests;
    },

    async current() {
      return (await readCurrent())?.version;
    },

    async open(version) {
      const manifest = await readManifest(version);
      for (const file of manifest.files) await checkFile(join(folder, version), version, file);
      return { manifest, folder: join(folder, version) };
    },

    async publish(write) {
      const staging = join(folder, `${STAGING_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
      await mkdir(staging);
      try {
        const draft = await write(staging);
        const manifest = await complete(staging, draft, clock);
        await writeFileAtomically(join(staging, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
        await rename(staging, join(folder, manifest.version));
        await syncFolder(folder);
        return manifest;
      } catch (error) {
        await rm(staging, { recursive: true, force: true });
        throw error;
      }
    },

    async promote(version) {
      await readManifest(version);
      const current = await readCurrent();
      if (current?.version === version) return;
      const previous = current === undefined ? [] : [...current.previous, current.version];
      await writeFileAtomically(currentPath, JSON.stringify({ version, previous }));
    },

    async rollback() {
      const current = await readCurrent();
      const version = current?.previous.at(-1);
      if (current === undefined || version === undefined) throw new UserError('there is no earlier artifact to roll back to');
      await readManifest(version);
      await writeFileAtomically(currentPath, JSON.stringify({ version, previous: current.previous.slice(0, -1) }));
      return version;
    },

    watch(known, onChange, signal) {
      let told = known;
      let busy = false;
      const look = async () => {
        const version = (await readCurrent())?.version;
        if (version === undefined || version === told) return;
        told = version;
        onChange(version);
      };
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        // A pointer that cannot be read now is read again at the next turn: whoever serves goes on with what it has.
        look()
          .catch(() => {})
          .finally(() => {
            busy = false;
          });
      }, WATCH_INTERVAL_MS);
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
  };
}

async function complete(staging: string, draft: ManifestDraft, clock: Clock): Promise<Manifest> {
  const files = [];
  for (const path of await filesBelow(staging)) {
    const full = join(staging, path);
    files.push({ path, bytes: (await stat(full)).size, sha256: await hashFile(full) });
    const handle = await open(full, 'r');
    await handle.sync().finally(() => handle.close());
  }
  const createdAt = new Date(clock()).toISOString();
  const version = `${createdAt.replace(/[-:]/g, '').replace('.', '')}-${randomBytes(3).toString('hex')}`;
  return manifestSchema.parse({ ...draft, version, createdAt, files });
}

async function checkFile(folder: string, version: string, file: Manifest['files'][number]): Promise<void> {
  const path = join(folder, file.path);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UserError(`artifact ${version}: ${path} is missing`);
  if (found.size !== file.bytes) {
    throw new UserError(
      `artifact ${version}: ${path} has ${found.size} bytes, its manifest says ${file.bytes}: it is truncated or foreign`,
    );
  }
  if ((await hashFile(path)) !== file.sha256) {
    throw new UserError(`artifact ${version}: ${path} is not the file its manifest describes: the content differs`);
  }
}

/** A publishing process that was killed leaves its staging folder; the name tells whose it was. */
async function removeStagingOfTheDead(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(STAGING_PREFIX)) continue;
    const pid = Number(name.slice(STAGING_PREFIX.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
