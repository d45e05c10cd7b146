import { mkdtemp, readdir, rm, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TextEncoder } from '../../ports/models.ts';
import { cachedEncoder, rememberingEncoder } from './cached.ts';

/** Vectors made of the text's letters, and a count of the texts that were embedded. */
function lettersEncoder(): TextEncoder & { embedded: string[] } {
  const embedded: string[] = [];
  return {
    id: 'letters/1',
    dimensions: 4,
    embedded,
    async embed(texts) {
      embedded.push(...texts);
      return texts.map((text) => Float32Array.from([text.length, text.charCodeAt(0) || 0, 0.5, -1]));
    },
  };
}

describe('encoders that remember', () => {
  const folders: string[] = [];
  const folder = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), 'winnow-cache-'));
    folders.push(path);
    return path;
  };
  afterEach(async () => {
    for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
  });

  it('embeds a text once over several runs, and gives the same bits', async () => {
    const path = await folder();
    const first = lettersEncoder();
    const vectors = await cachedEncoder(first, path).embed(['a', 'bb', 'a']);
    expect(first.embedded).toEqual(['a', 'bb']);
    const second = lettersEncoder();
    expect(await cachedEncoder(second, path).embed(['bb', 'a', 'ccc'])).toEqual([
      vectors[1],
      vectors[0],
      Float32Array.from([3, 99, 0.5, -1]),
    ]);
    expect(second.embedded).toEqual(['ccc']);
  });

  it('embeds again what a damaged file held', async () => {
    const path = await folder();
    await cachedEncoder(lettersEncoder(), path).embed(['a', 'bb']);
    const kept = join(path, 'text', 'letters_1');
    const [name] = await readdir(kept);
    await truncate(join(kept, name ?? ''), 5);
    const again = lettersEncoder();
    await cachedEncoder(again, path).embed(['a']);
    expect(again.embedded).toEqual(['a']);
    expect(await readdir(kept)).not.toContain(name);
  });

  it('stays within its bound, but keeps all that is in use, however much that is', async () => {
    const path = await folder();
    const kept = join(path, 'text', 'letters_1');
    const texts = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff'];
    const encoder = cachedEncoder(lettersEncoder(), path, { maxBytes: 100 });
    for (const text of texts) await encoder.embed([text]);
    expect(await readdir(kept)).toHaveLength(6);
    const yesterday = new Date(Date.now() - 86_400_000);
    for (const name of await readdir(kept)) await utimes(join(kept, name), yesterday, yesterday);
    const later = lettersEncoder();
    const next = cachedEncoder(later, path, { maxBytes: 100 });
    await next.embed(['a']);
    for (const text of ['7', '8', '9', '10']) await next.embed([text]);
    expect((await readdir(kept)).length).toBeLessThanOrEqual(5);
    await next.embed(['a', '7', '8', '9', '10']);
    expect(later.embedded).toEqual(['7', '8', '9', '10']);
  });

  it('forgets a failure', async () => {
    let away = true;
    const inner = lettersEncoder();
    const encoder = rememberingEncoder({
      ...inner,
      embed: async (texts) => {
        if (away) throw new Error('away');
        return inner.embed(texts);
      },
    });
    await expect(encoder.embed(['a'])).rejects.toThrow('away');
    away = false;
    expect(await encoder.embed(['a', 'a'])).toHaveLength(2);
    await encoder.embed(['a']);
    expect(inner.embedded).toEqual(['a']);
  });
});
