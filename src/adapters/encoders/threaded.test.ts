import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../domain/errors.ts';
import { openThreadedEncoder } from './threaded.ts';
import { createUseLiteEncoder } from './useLite.ts';

const dot = (a: Float32Array | undefined, b: Float32Array | undefined): number =>
  (a ?? new Float32Array()).reduce((sum, value, i) => sum + value * (b?.[i] ?? 0), 0);

describe('a text encoder in threads', async () => {
  const encoder = await openThreadedEncoder({ kind: 'use-lite' }, { threads: 2 });
  afterAll(() => encoder.close?.());

  it('gives the vectors of the encoder itself, for a query as for an inventory', async () => {
    const plain = await createUseLiteEncoder();
    expect([encoder.id, encoder.dimensions]).toEqual([plain.id, plain.dimensions]);
    const texts = Array.from({ length: 24 }, (_, i) => `thing ${i} ${'with words '.repeat(i % 4)}`);
    const [threaded, single, [query]] = [await encoder.embed(texts), await plain.embed(texts), await encoder.embed(['thing 7'])];
    expect(threaded).toHaveLength(24);
    for (const [i, vector] of threaded.entries()) expect(dot(vector, single[i])).toBeGreaterThan(0.9999);
    expect(dot(query, (await plain.embed(['thing 7']))[0])).toBeGreaterThan(0.9999);
  });

  it('leaves the calling thread free while it reads a long text', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await encoder.embed(['many long words about nothing at all '.repeat(50)]);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  it('does a query while it does an inventory', async () => {
    const order: string[] = [];
    const inventory = encoder
      .embed(Array.from({ length: 200 }, (_, i) => `a text about thing ${i}`))
      .then(() => order.push('inventory'));
    await encoder.embed(['a query']).then(() => order.push('query'));
    await inventory;
    expect(order).toEqual(['query', 'inventory']);
  });

  it('says what is wrong with a folder without a model, and ends what was under way when it is closed', async () => {
    await expect(openThreadedEncoder({ kind: 'onnx', folder: '/nowhere' })).rejects.toThrow(UserError);
    const other = await openThreadedEncoder({ kind: 'use-lite' });
    const running = expect(other.embed(['a text'])).rejects.toThrow(/ended/);
    await other.close?.();
    await running;
  });
});
