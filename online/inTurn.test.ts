import { expect, it } from 'vitest';
import { createTurns } from './inTurn.ts';

it('lets work about one thing take turns, past a failure too, and does not hold up the others', async () => {
  const inTurn = createTurns();
  const done: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = inTurn('a', async () => {
    await held;
    done.push('a1');
    throw new Error('no');
  });
  const second = inTurn('a', async () => {
    done.push('a2');
  });
  await inTurn('b', async () => {
    done.push('b');
  });
  release();
  await expect(first).rejects.toThrow('no');
  await second;
  expect(done).toEqual(['b', 'a1', 'a2']);
});
