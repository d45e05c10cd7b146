import type { ItemId } from '../src/domain/item.ts';
import { catalogueChangeSchema } from '../src/loop/schemas.ts';
import { distance, type EventLog, type LogPosition } from '../src/ports/eventLog.ts';
import { pause } from './serving/pause.ts';

const FOLLOW_MS = 100;

/** Which items there are, for a process that has no artifact in memory: folded from the catalogue topic, and kept so. */
export class ItemIds {
  readonly #log: EventLog;
  readonly #ids = new Set<ItemId>();
  #position: LogPosition = {};

  constructor(log: EventLog) {
    this.#log = log;
  }

  has(id: ItemId): boolean {
    return this.#ids.has(id);
  }

  /** Reads what the log has beyond what was read. @throws UnavailableError */
  async catchUp(): Promise<void> {
    const end = await this.#log.end('catalogue');
    if (distance(this.#position, end) === 0) return;
    for await (const batch of this.#log.read('catalogue', { from: this.#position, to: end })) {
      for (const { value } of batch) {
        const change = catalogueChangeSchema.parse(value);
        if (change.kind === 'item.put') this.#ids.add(change.item.id);
        else if (change.kind === 'item.delete') this.#ids.delete(change.id);
      }
    }
    this.#position = end;
  }

  async run(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.catchUp().catch(onError);
      await pause(FOLLOW_MS, signal);
    }
  }
}
