/**
 * Milliseconds by the wall clock, and of the thread: the lesser of the clock's time, which other work on the machine lengthens, and
 * the process's processor time, to which its collector and compiler add on threads of their own.
 */
export interface Times {
  readonly wall: number;
  readonly thread: number;
}

/** What some work comes to, and how long it takes. */
export async function timed<T>(work: () => T): Promise<Times & { readonly value: Awaited<T> }> {
  const started = performance.now();
  const before = process.cpuUsage();
  const value = await work();
  const { user, system } = process.cpuUsage(before);
  const wall = performance.now() - started;
  return { value, wall, thread: Math.min(wall, (user + system) / 1000) };
}
