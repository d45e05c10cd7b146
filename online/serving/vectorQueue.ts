import type { Item } from '../../src/domain/item.ts';

/** Items encoded at a time: few, so that requests get their turn in between. */
const AT_A_TIME = 4;
const RETRY_MS = 1000;

/** Gives items their vectors behind everything else, since encoding a text takes far longer than indexing its words. */
export interface VectorQueue {
  /** @param urgent before those that wait, as for a single change among a large batch */
  add(items: readonly Item[], urgent: boolean): void;
  /** Resolves when everything urgent that was added so far has its vectors. */
  urgentDone(): Promise<void>;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
  /** Encodes nothing more; resolves when what is being encoded is done. */
  stop(): Promise<void>;
}

/** @param put encodes and indexes items; where it fails, the same ones are tried again a little later */
export function createVectorQueue(
  put: (items: readonly Item[]) => Promise<void>,
  onError: (error: unknown) => void = () => {},
): VectorQueue {
  const urgent: Item[] = [];
  const waiting: Item[] = [];
  let stopped = false;
  let running: Promise<void> | undefined;
  let listeners: { readonly met: () => boolean; readonly resolve: () => void }[] = [];
  let busyUrgent = false;
  const tell = () => {
    const met = listeners.filter((listener) => listener.met());
    listeners = listeners.filter((listener) => !met.includes(listener));
    for (const { resolve } of met) resolve();
  };
  const run = async () => {
    while (!stopped && urgent.length + waiting.length > 0) {
      const from = urgent.length > 0 ? urgent : waiting;
      const batch = from.splice(0, AT_A_TIME);
      busyUrgent = from === urgent;
      try {
        await put(batch);
        await new Promise((resolve) => setImmediate(resolve));
      } catch (error) {
        onError(error);
        from.unshift(...batch);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
      busyUrgent = false;
      tell();
    }
    running = undefined;
    tell();
  };
  const until = (met: () => boolean): Promise<void> =>
    met() ? Promise.resolve() : new Promise((resolve) => listeners.push({ met, resolve }));
  return {
    add(items, isUrgent) {
      for (const item of items) (isUrgent ? urgent : waiting).push(item);
      if (!stopped && items.length > 0) running ??= run();
    },
    urgentDone: () => until(() => stopped || (urgent.length === 0 && !busyUrgent)),
    idle: () => until(() => running === undefined),
    async stop() {
      stopped = true;
      tell();
      await running;
    },
  };
}
