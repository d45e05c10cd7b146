import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { UnavailableError, UserError } from '../../src/domain/errors.ts';

/** So many failures in a row, and a dependency is left alone for a while: a request then loses no time on it. */
const FAILURES = 5;
const PAUSE_MS = 2000;

/** Runs calls of one dependency with a deadline and a circuit breaker. */
export interface Guard {
  /** @throws UnavailableError past the deadline, while the circuit is open, or when the call fails */
  run<T>(call: () => Promise<T>): Promise<T>;
}

/** @param milliseconds the deadline of one call */
export function createGuard(name: string, milliseconds: number): Guard {
  const failure = (error: Error) => !(error instanceof UserError) || error instanceof UnavailableError;
  const policy = wrap(
    circuitBreaker(handleWhen(failure), { halfOpenAfter: PAUSE_MS, breaker: new ConsecutiveBreaker(FAILURES) }),
    timeout(milliseconds, TimeoutStrategy.Aggressive),
  );
  return {
    async run(call) {
      try {
        return await policy.execute(call);
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw new UnavailableError(reason(name, milliseconds, error), { cause: error });
      }
    },
  };
}

function reason(name: string, milliseconds: number, error: unknown): string {
  if (error instanceof TaskCancelledError) return `${name} took longer than ${milliseconds} ms`;
  if (error instanceof BrokenCircuitError) return `${name} failed repeatedly and is left alone for a moment`;
  return `${name} failed: ${error instanceof Error ? error.message : String(error)}`;
}
