import type { Clock } from '../../domain/clock.ts';
import type { Lease } from '../consumeLoop.ts';
import type { Head, HeadWriter } from './head.ts';
import { isGone } from './owner.ts';

/** A member's hold on a group. Every commit checks it, so a member that lost it without noticing cannot commit. */
export class LmdbLease implements Lease {
  readonly renewEvery: number;
  readonly #head: HeadWriter;
  readonly #group: string;
  readonly #owner: string;
  readonly #clock: Clock;
  readonly #leaseMs: number;

  constructor(head: HeadWriter, group: string, owner: string, clock: Clock, leaseMs: number) {
    this.#head = head;
    this.#group = group;
    this.#owner = owner;
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.renewEvery = leaseMs / 4;
  }

  async acquire(): Promise<number | undefined> {
    if (!this.#isFree(this.#head.read())) return undefined;
    const taken = await this.#head.change((head) => (this.#isFree(head) ? this.#hold(head) : undefined));
    return taken ? (this.#head.read().groups[this.#group]?.next ?? 0) : undefined;
  }

  async renew(): Promise<boolean> {
    return this.#head.change((head) => (this.#isMine(head) ? this.#hold(head) : undefined));
  }

  async release(): Promise<void> {
    await this.#head.change((head) => {
      const state = head.groups[this.#group];
      if (state === undefined || !this.#isMine(head)) return undefined;
      return { head: { ...head, groups: { ...head.groups, [this.#group]: { next: state.next } } } };
    });
  }

  /** The head with the group's place moved, if this member still has the group. */
  move(head: Head, next: number): Head | undefined {
    if (!this.#isMine(head)) return undefined;
    const state = { next, owner: this.#owner, until: this.#clock() + this.#leaseMs };
    return { ...head, groups: { ...head.groups, [this.#group]: state } };
  }

  #hold(head: Head): { head: Head } {
    const state = { next: head.groups[this.#group]?.next ?? 0, owner: this.#owner, until: this.#clock() + this.#leaseMs };
    return { head: { ...head, groups: { ...head.groups, [this.#group]: state } } };
  }

  #isMine(head: Head): boolean {
    return head.groups[this.#group]?.owner === this.#owner;
  }

  #isFree(head: Head): boolean {
    const state = head.groups[this.#group];
    if (state?.owner === undefined || state.owner === this.#owner) return true;
    return (state.until ?? 0) < this.#clock() || isGone(state.owner);
  }
}
