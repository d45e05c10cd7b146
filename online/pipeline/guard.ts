import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
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
  const breaker = circuitBreaker(handleWhen(failure), { halfOpenAfter: PAUSE_MS, breaker: new ConsecutiveBreaker(FAILURES) });
  return {
    async run(call) {
      try {
        return await breaker.execute(() => inTime(call(), name, milliseconds));
      } catch (error) {
        if (error instanceof UserError) throw error;
        throw new UnavailableError(reason(name, error), { cause: error });
      }
    },
  };
}

/** The call's answer, or an error where it takes too long; a late answer is let go. */
async function inTime<T>(answer: Promise<T>, name: string, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new UnavailableError(`${name} took longer than ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reason(name: string, error: unknown): string {
  if (error instanceof BrokenCircuitError) return `${name} failed repeatedly and is left alone for a moment`;
  return `${name} failed: ${error instanceof Error ? error.message : String(error)}`;
}
