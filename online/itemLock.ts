import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Clock } from '../src/domain/clock.ts';
import { UnavailableError } from '../src/domain/errors.ts';
import type { ItemId } from '../src/domain/item.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';

/** Few names, by what an id hashes to, since they stay in the store for good. */
const LOCKS = 256;
/** After this long a lock is free again, whoever had it. */
const LEASE_MS = 5000;
const WAIT_MS = 3000;
const RETRY_MS = 10;

const lockSchema = z.object({ owner: z.string(), until: z.number() });

/**
 * Lets one process at a time change an item by what it was before.
 * @param work is given a check to make before it writes: that the lock is still its own
 * @throws UnavailableError where the store is away, or another process does not let go in time
 */
export type WithItemLock = <T>(id: ItemId, work: (check: () => void) => Promise<T>) => Promise<T>;

export function createItemLock({ store, clock }: { store: FeatureStore; clock: Clock }): WithItemLock {
  const acquire = async (name: string, owner: string) => {
    const end = clock() + WAIT_MS;
    while (clock() < end) {
      const held = await store.getMeta(name);
      const lock = lockSchema.safeParse(held).data;
      const mine = { owner, until: clock() + LEASE_MS };
      if ((lock === undefined || lock.until <= clock()) && (await store.setMeta(name, mine, held))) return mine;
      await sleep(RETRY_MS);
    }
    throw new UnavailableError('Another process is changing this item; try again in a moment.');
  };
  return async (id, work) => {
    const name = `item-lock/${createHash('sha256').update(id).digest().readUInt32LE(0) % LOCKS}`;
    const mine = await acquire(name, randomUUID());
    const check = () => {
      if (clock() >= mine.until) throw new UnavailableError('Changing this item took too long; try again.');
    };
    try {
      return await work(check);
    } finally {
      // A store that is away now lets go of it by its time.
      await store.setMeta(name, { ...mine, until: 0 }, mine).catch(() => {});
    }
  };
}
