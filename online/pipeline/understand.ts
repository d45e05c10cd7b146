import { randomUUID } from 'node:crypto';
import type { Config } from '../../src/config/schema.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { HistoryEntry, Query } from '../../src/domain/pipeline.ts';
import type { EntityState } from '../../src/domain/state.ts';
import { actorKey, historyOf } from '../../src/features/index.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import type { Guard } from './guard.ts';
import type { ListRequest } from './request.ts';
import type { Trace } from './trace.ts';

export interface UnderstandDependencies {
  readonly store: FeatureStore;
  readonly guard: Guard;
  readonly featureTime: () => Promise<number>;
  readonly clock: Clock;
  readonly config: Pick<Config, 'eventTypes'>;
}

/**
 * Who asks, and what they did before. With the store away nothing is known of the user: policies fail closed on them.
 */
export function createUnderstand(dependencies: UnderstandDependencies) {
  const sessionType = strongestType(dependencies.config.eventTypes);
  return async (request: ListRequest, trace: Trace): Promise<Query> => {
    const [found, featureTime] = await Promise.all([actorState(request, dependencies, trace), dependencies.featureTime()]);
    const { state } = found;
    const past = request.personalise ? historyOf(state) : [];
    const session = request.sessionItems.map((itemId): HistoryEntry => ({ itemId, type: sessionType, at: featureTime }));
    return {
      requestId: randomUUID(),
      route: request.route,
      ...(request.userId === undefined ? {} : { userId: request.userId }),
      ...(request.sessionId === undefined ? {} : { sessionId: request.sessionId }),
      userFields: request.userId === undefined ? {} : (state?.fields ?? {}),
      ...(found.unknown && request.userId !== undefined ? { userUnknown: true } : {}),
      ...(state === undefined ? {} : { userState: state }),
      history: session.length === 0 ? past : [...past, ...session],
      ...(request.text === undefined ? {} : { text: request.text }),
      ...(request.anchor === undefined ? {} : { anchor: request.anchor }),
      ...(request.items === undefined ? {} : { items: request.items }),
      limit: request.limit,
      excludeSeen: request.excludeSeen,
      ...(request.scenario === undefined ? {} : { scenario: request.scenario }),
      context: request.context,
      now: dependencies.clock(),
      featureTime,
    };
  };
}

async function actorState(
  request: ListRequest,
  { store, guard }: UnderstandDependencies,
  trace: Trace,
): Promise<{ readonly state?: EntityState | undefined; readonly unknown?: true }> {
  const key = actorKey(request);
  if (key === undefined) return {};
  try {
    return { state: (await guard.run(() => store.getMany([key])))[0] };
  } catch (error) {
    trace.degrade('store', error);
    return { unknown: true };
  }
}

/** A session's items are taken as the kind of action that says most. */
function strongestType(types: Config['eventTypes']): string {
  const [strongest] = Object.entries(types).sort(([, a], [, b]) => b.weight - a.weight);
  return strongest?.[0] ?? 'click';
}
