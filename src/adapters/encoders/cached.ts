import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { TextEncoder } from '../../ports/models.ts';

export interface CacheOptions {
  /**
   * Bytes the folder may hold beside what is used since the encoder was made, so that an inventory fits whatever its size; the
   * files used longest ago go first. Default 1 GiB.
   */
  readonly maxBytes?: number;
}

/** Texts of one file, so that an interrupted run loses at most these and a large inventory makes few files. */
const CHUNK = 1024;
const HASH_BYTES = 16;
/** Milliseconds that a file's time of change may be behind the clock, by the coarsest file systems. */
const FILE_CLOCK = 2000;
/** The folder's size is looked at with the first vectors, and when it may have grown by this share of its bound. */
const PRUNE_AT = 0.05;

interface Place {
  readonly path: string;
  readonly at: number;
}

const keyOf = (text: string): string => createHash('sha256').update(text).digest('binary').slice(0, HASH_BYTES);

/**
 * Keeps vectors on disk by the hash of their text, one folder for each encoder, so that a rebuild embeds only what is new.
 * Files hold [hash, vector] records, appear whole or not at all, and are bounded in total but for what is in use. A damaged file is removed and its
 * texts are embedded again.
 */
export function cachedEncoder(encoder: TextEncoder, cacheFolder: string, options: CacheOptions = {}): TextEncoder {
  const folder = join(cacheFolder, 'text', encoder.id.replace(/[^\w.-]/g, '_'));
  const maxBytes = options.maxBytes ?? 1 << 30;
  /** When this began, by the clock of files: what was used since stays. */
  const began = Date.now() - FILE_CLOCK;
  const recordBytes = HASH_BYTES + encoder.dimensions * 4;

  /** Where the vector of each text's hash is; read from the files once. */
  let places: Promise<Map<string, Place>> | undefined;
  const readPlaces = async (): Promise<Map<string, Place>> => {
    const found = new Map<string, Place>();
    await mkdir(folder, { recursive: true });
    for (const name of (await readdir(folder)).filter((file) => file.endsWith('.vectors'))) {
      const path = join(folder, name);
      const bytes = await readFile(path);
      if (bytes.length % recordBytes !== 0) {
        await rm(path, { force: true });
        continue;
      }
      for (let at = 0; at < bytes.length; at += recordBytes)
        found.set(bytes.toString('latin1', at, at + HASH_BYTES), { path, at: at + HASH_BYTES });
    }
    return found;
  };

  /** The vectors that are kept. A file that another process has pruned meanwhile has none. */
  const lookUp = async (wanted: ReadonlySet<string>): Promise<Map<string, Float32Array>> => {
    places ??= readPlaces();
    const known = await places;
    const byFile = new Map<string, [key: string, at: number][]>();
    for (const key of wanted) {
      const place = known.get(key);
      if (place === undefined) continue;
      const inFile = byFile.get(place.path) ?? [];
      inFile.push([key, place.at]);
      byFile.set(place.path, inFile);
    }
    const found = new Map<string, Float32Array>();
    for (const [path, records] of byFile) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      for (const [key, at] of records) {
        if (at + encoder.dimensions * 4 > bytes.length) continue;
        found.set(key, new Float32Array(new Uint8Array(bytes.subarray(at, at + encoder.dimensions * 4)).buffer));
      }
      // When it was last used decides what goes first.
      if (bytes.length > 0) await utimes(path, new Date(), new Date()).catch(() => {});
    }
    return found;
  };

  let unpruned = maxBytes;
  const store = async (entries: readonly (readonly [string, Float32Array])[]): Promise<void> => {
    const bytes = Buffer.alloc(entries.length * recordBytes);
    entries.forEach(([key, vector], i) => {
      bytes.write(key, i * recordBytes, 'latin1');
      Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).copy(bytes, i * recordBytes + HASH_BYTES);
    });
    const name = join(folder, `${randomUUID()}`);
    const file = await open(`${name}.part`, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${name}.part`, `${name}.vectors`);
    const known = await places;
    entries.forEach(([key], i) => {
      known?.set(key, { path: `${name}.vectors`, at: i * recordBytes + HASH_BYTES });
    });
    unpruned += bytes.length;
    if (unpruned < maxBytes * PRUNE_AT) return;
    unpruned = 0;
    await prune(folder, maxBytes, began);
  };

  return {
    ...encoder,
    async embed(texts) {
      const keys = texts.map(keyOf);
      const vectors = await lookUp(new Set(keys));
      const missing = new Map<string, string>();
      texts.forEach((text, i) => {
        const key = keys[i];
        if (key !== undefined && !vectors.has(key)) missing.set(key, text);
      });
      const fresh = [...missing];
      for (let start = 0; start < fresh.length; start += CHUNK) {
        const chunk = fresh.slice(start, start + CHUNK);
        const embedded = await encoder.embed(chunk.map(([, text]) => text));
        const entries = chunk.map(([key], i) => [key, embedded[i] ?? new Float32Array(encoder.dimensions)] as const);
        await store(entries);
        for (const [key, vector] of entries) vectors.set(key, vector);
      }
      return keys.map((key) => vectors.get(key) ?? new Float32Array(encoder.dimensions));
    },
  };
}

/** Removes the files used longest ago until the rest fits, but none that was used since `began`. */
async function prune(folder: string, maxBytes: number, began: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  let total = 0;
  for (const file of files) {
    total += file.size;
    if (total > maxBytes && file.mtimeMs < began) await rm(file.path, { force: true });
  }
}

/** Keeps the vectors of the latest texts in memory: queries repeat. Texts asked for together are embedded once. */
export function rememberingEncoder(encoder: TextEncoder, entries = 2000): TextEncoder {
  const cache = new LRUCache<string, Promise<Float32Array>>({ max: entries });
  const one = (text: string): Promise<Float32Array> => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const vector = encoder.embed([text]).then(([first]) => first ?? new Float32Array(encoder.dimensions));
    cache.set(text, vector);
    // A failure is not an answer to remember.
    vector.catch(() => cache.delete(text));
    return vector;
  };
  return { ...encoder, embed: (texts) => Promise.all(texts.map(one)) };
}
