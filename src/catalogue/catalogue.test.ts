import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../domain/errors.ts';
import type { Item } from '../domain/item.ts';
import { createCatalogue } from './createCatalogue.ts';
import { loadSnapshot, writeSnapshot } from './snapshot.ts';

const item = (id: string, year = 2000): Item => ({ id, fields: { year } });

describe('catalogue', () => {
  it('keeps an item in its row for as long as the table lives', () => {
    const catalogue = createCatalogue({}, [item('a'), item('b')]);
    expect(catalogue.trainedSize).toBe(2);
    expect(catalogue.put(item('c'))).toBe(2);
    expect(catalogue.remove('a')).toBe(true);
    expect(catalogue.remove('a')).toBe(false);
    expect(catalogue.ordinal('a')).toBeUndefined();
    expect(catalogue.get('a')).toBeUndefined();
    expect(catalogue.at(0)).toBeUndefined();
    expect([catalogue.size, catalogue.rows]).toEqual([2, 3]);
    expect(catalogue.put(item('a', 1999))).toBe(0);
    expect(catalogue.get('a')?.fields).toEqual({ year: 1999 });
    expect([...catalogue.items()].map((kept) => kept.id)).toEqual(['a', 'b', 'c']);
  });

  it('tells of every change', () => {
    const catalogue = createCatalogue({}, [item('a')]);
    const seen: [number, string | undefined][] = [];
    catalogue.onChange((ordinal, changed) => seen.push([ordinal, changed?.id]));
    catalogue.put(item('b'));
    catalogue.remove('a');
    catalogue.remove('nobody');
    expect(seen).toEqual([
      [1, 'b'],
      [0, undefined],
    ]);
  });
});

describe('item snapshot', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-snapshot-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('brings every item back, whatever is in its strings', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.boolean(),
      fc.array(fc.string()),
    );
    const items = fc.array(
      fc.record({
        id: fc.string({ unit: 'binary' }),
        fields: fc.dictionary(fc.string({ minLength: 1 }), value, { noNullPrototype: true }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(items, async (written) => {
        await writeSnapshot(folder, written);
        expect(await loadSnapshot(folder)).toEqual(written);
      }),
      { numRuns: 50 },
    );
  });

  it('is refused by name when it is cut off, changed or missing', async () => {
    await writeSnapshot(
      folder,
      Array.from({ length: 3_000 }, (_, i) => item(`i${i}`)),
    );
    const path = join(folder, 'items.ndjson');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length / 2));
    await expect(loadSnapshot(folder)).rejects.toThrow(/items\.ndjson/);
    bytes[20] = 0x39;
    await writeFile(path, bytes);
    await expect(loadSnapshot(folder)).rejects.toThrow(UserError);
    await rm(path);
    await expect(loadSnapshot(folder)).rejects.toThrow(/items\.ndjson/);
    await writeFile(join(folder, 'items.json'), '{"hello":1}');
    await expect(loadSnapshot(folder)).rejects.toThrow(/not the header/);
  });
});
