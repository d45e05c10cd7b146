import type { Database, RootDatabase } from 'lmdb';
import { type Environment, settled, writeFailure } from './environment.ts';

/** Who consumes for a group, and up to where it has got. */
export interface GroupState {
  readonly next: number;
  readonly owner?: string;
  /** Wall clock in milliseconds until which the owner has the group, unless it renews. */
  readonly until?: number;
}

/** All that changes in place: the next offset of each topic, and each group's state by `topic/group`. */
export interface Head {
  readonly ends: Readonly<Record<string, number>>;
  readonly groups: Readonly<Record<string, GroupState>>;
}

export type Heads = Database<Head, string>;

export const openHeads = (root: RootDatabase<unknown, string>): Heads =>
  root.openDB<Head, string>({ name: 'head', encoding: 'json', useVersions: true });

const HEAD = 'head';
const EMPTY: Head = { ends: {}, groups: {} };

/** A change of the head, and the blocks that go with it. `undefined` leaves everything as it is. */
export type HeadChange = (head: Head) => { readonly head: Head; readonly write?: () => void } | undefined;

interface Pending {
  readonly change: HeadChange;
  readonly resolve: (done: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one record all writers meet at. Changes that wait are stored together in one transaction, which is conditional on the
 * head being the one they were worked out on; when another process was faster, they are worked out again.
 */
export class HeadWriter {
  readonly #environment: Environment<unknown>;
  readonly #heads: Heads;
  readonly #folder: string;
  readonly #onWrite: () => void;
  #pending: Pending[] = [];
  #running: Promise<void> | undefined;

  constructor(environment: Environment<{ readonly heads: Heads }>, folder: string, onWrite: () => void) {
    this.#environment = environment;
    this.#heads = environment.databases.heads;
    this.#folder = folder;
    this.#onWrite = onWrite;
  }

  read(): Head {
    this.#environment.refresh();
    return this.#heads.get(HEAD) ?? EMPTY;
  }

  /** @returns whether the change was made, once it is on disk. @throws UnavailableError, then it was not */
  change(change: HeadChange): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ change, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#pending.length > 0) {
        const group = this.#pending;
        this.#pending = [];
        try {
          const made = await this.#store(group);
          group.forEach((pending, i) => {
            pending.resolve(made[i] === true);
          });
          this.#onWrite();
        } catch (error) {
          const failure = await writeFailure(this.#folder, error);
          for (const pending of group) pending.reject(failure);
        }
      }
    } finally {
      // Not a moment later: what is handed in from now on needs a run of its own.
      this.#running = undefined;
    }
  }

  async #store(group: readonly Pending[]): Promise<boolean[]> {
    for (;;) {
      this.#environment.refresh();
      const entry = this.#heads.getEntry(HEAD);
      let head = entry?.value ?? EMPTY;
      const writes: (() => void)[] = [];
      const made = group.map(({ change }) => {
        const result = change(head);
        if (result === undefined) return false;
        head = result.head;
        if (result.write !== undefined) writes.push(result.write);
        return true;
      });
      if (!made.includes(true)) return made;
      const put = (): void => {
        settled(this.#heads.put(HEAD, head, (entry?.version ?? 0) + 1));
        for (const write of writes) write();
      };
      const write = () =>
        entry === undefined ? this.#heads.ifNoExists(HEAD, put) : this.#heads.ifVersion(HEAD, entry.version ?? 0, put);
      if (await this.#environment.commit(write)) return made;
    }
  }
}
