import { setTimeout as sleep } from 'node:timers/promises';

/** How long a call goes on trying while brokers cannot be reached, milliseconds: longer than an election takes. */
const GIVE_UP = 15_000;
const PAUSE = 500;

/** Kafka's own reasons, nested in the client's errors: protocol error names, else the client's codes. */
export function reasons(error: unknown, depth = 0): string[] {
  if (depth > 8 || !(error instanceof Error)) return [];
  const own =
    'apiId' in error && typeof error.apiId === 'string' ? error.apiId : 'code' in error ? String(error.code) : error.message;
  const inner = error instanceof AggregateError ? error.errors.flatMap((each) => reasons(each, depth + 1)) : [];
  return [...inner, ...reasons(error.cause, depth + 1), own];
}

const isConnection = (error: unknown): boolean =>
  reasons(error).some((reason) => /PLT_KFK_NETWORK|PLT_KFK_TIMEOUT|NOT_LEADER|LEADER_NOT_AVAILABLE/.test(reason)) &&
  !reasons(error).includes('NOT_ENOUGH_REPLICAS');

/** Calls until it works, renewing what is known of the brokers in between. @throws the last error, or one that trying cannot help */
export async function persist<T>(call: () => Promise<T>, renew: () => Promise<unknown>): Promise<T> {
  const end = performance.now() + GIVE_UP;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() > end || !isConnection(error)) throw error;
      await renew().catch(() => {});
      await sleep(PAUSE);
    }
  }
}
