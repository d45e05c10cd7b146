import type { EventLog } from '../src/ports/eventLog.ts';
import type { FeatureStore } from '../src/ports/featureStore.ts';
import type { Readiness } from './service.ts';
import { within } from './within.ts';

const ANSWER_MS = 500;

/**
 * Ready as long as it serves lists and is not stopping. Store and log are told too, but a replica without them still serves,
 * and taking every replica away at once would help nobody.
 */
export function createReadiness(parts: { store: FeatureStore; log: EventLog; stopping: () => boolean }) {
  return async (): Promise<Readiness> => {
    const [store, log] = await Promise.all([check(parts.store.getMeta('featureTime')), check(parts.log.end('catalogue'))]);
    const stopping = parts.stopping();
    return { ready: !stopping, checks: { artifact: 'ok', store, log, ...(stopping ? { service: 'is stopping' } : {}) } };
  };
}

async function check(question: Promise<unknown>): Promise<string> {
  try {
    const answered = await within(
      question.then(() => {}),
      ANSWER_MS,
    );
    return answered ? 'ok' : `no answer within ${ANSWER_MS} ms`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
