import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** A name of this process that tells others on the same machine whether it still runs. */
export const ownerName = (): string => `${hostname()}/${process.pid}/${randomUUID()}`;

/** Whether the owner is a process of this machine that is certainly gone. Of another machine's nothing is known. */
export function isGone(owner: string): boolean {
  const [host, pid] = owner.split('/');
  if (host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
