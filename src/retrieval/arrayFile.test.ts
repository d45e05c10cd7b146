import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../domain/errors.ts';
import { readArrays, writeArrays } from './arrayFile.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'winnow-arrays-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('array files', () => {
  test('give back what was written', async () => {
    const path = join(folder, 'a.bin');
    const arrays = {
      odd: Float32Array.of(1.5, -2, 3),
      none: new Int32Array(0),
      wide: Float64Array.of(Math.PI),
      ints: Int32Array.of(-1, 7),
    };
    await writeArrays(path, 'numbers', { text: 'é', n: 1 }, arrays);
    const file = await readArrays(path, 'numbers');
    expect(file.meta).toEqual({ text: 'é', n: 1 });
    expect(file.f32('odd', 3)).toEqual(arrays.odd);
    expect(file.i32('none', 0)).toEqual(arrays.none);
    expect(file.f64('wide')).toEqual(arrays.wide);
    expect(file.i32('ints')).toEqual(arrays.ints);
  });

  test('cut off anywhere or altered in kind, they are refused with their name', async () => {
    const path = join(folder, 'b.bin');
    await writeArrays(path, 'numbers', null, { a: Float32Array.of(1, 2, 3) });
    const whole = await readFile(path);
    const cut = join(folder, 'cut.bin');
    for (let length = 0; length < whole.length; length++) {
      await writeFile(cut, whole.subarray(0, length));
      await expect(readArrays(cut, 'numbers')).rejects.toThrow(UserError);
      await expect(readArrays(cut, 'numbers')).rejects.toThrow(/cut\.bin/);
    }
    await writeFile(cut, Buffer.concat([whole, Buffer.alloc(8)]));
    await expect(readArrays(cut, 'numbers')).rejects.toThrow(/cut\.bin: has/);
    await expect(readArrays(path, 'others')).rejects.toThrow(/holds "numbers" where "others" was expected/);
    const file = await readArrays(path, 'numbers');
    expect(() => file.f32('a', 4)).toThrow(/b\.bin: "a" has 3 numbers where 4 were expected/);
    expect(() => file.i32('a')).toThrow(UserError);
    expect(() => file.f32('missing')).toThrow(/no array "missing"/);
  });
});
