import { expect, it } from 'vitest';
import { MemoryFeatureStore } from '../src/adapters/memory/featureStore.ts';
import { createItemLock } from './itemLock.ts';

it('lets processes change an item one after the other, and takes a lock over whose holder is gone', async () => {
  const store = new MemoryFeatureStore();
  let now = 0;
  const clock = () => now++;
  let value = 0;
  const raise = (by: number) => async (check: () => void) => {
    const before = value;
    await new Promise((resolve) => setTimeout(resolve, 2));
    check();
    value = before + by;
  };
  const processes = Array.from({ length: 4 }, () => createItemLock({ store, clock }));
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((by) => processes[by % 4]?.('a', raise(by))));
  expect(value).toBe(36);
  let slow: (() => void) | undefined;
  const held = processes[0]?.('a', async (check) => {
    await new Promise<void>((resolve) => {
      slow = resolve;
    });
    check();
  });
  const late = expect(held).rejects.toThrow('took too long');
  await new Promise((resolve) => setTimeout(resolve, 5));
  now += 10_000;
  await processes[1]?.('a', raise(1));
  slow?.();
  await late;
  expect(value).toBe(37);
});
