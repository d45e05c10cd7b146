import { eventWeights } from '../../src/config/eventWeights.ts';
import type { ConfigFile } from '../../src/config/schema.ts';
import type { Item } from '../../src/domain/item.ts';
import { actorKey } from '../../src/features/index.ts';
import { readEvents } from '../../src/loop/readEvents.ts';
import type { EventLog, LogPosition } from '../../src/ports/eventLog.ts';
import { type Interactions, interactionsBuilder } from '../../src/retrieval/interactions.ts';

export interface LoggedInteractions extends Interactions {
  /** How many lists the log has that were shown. */
  readonly impressions: number;
}

/**
 * The log's actions on items of the inventory, as training may see them.
 * @param items by ordinal
 * @param to where to stop in `enriched-events`; default its end
 */
export async function loadInteractions(
  log: EventLog,
  items: readonly Pick<Item, 'id'>[],
  config: Pick<ConfigFile, 'eventTypes'>,
  to?: LogPosition,
): Promise<LoggedInteractions> {
  const ordinals = new Map(items.map(({ id }, ordinal) => [id, ordinal]));
  const builder = interactionsBuilder(eventWeights(config));
  let impressions = 0;
  for await (const events of readEvents(log, to === undefined ? {} : { to })) {
    for (const event of events) {
      if (event.kind === 'impression') impressions += 1;
      if (event.kind !== 'action') continue;
      const { type, occurredAt, itemId } = event;
      const item = ordinals.get(itemId);
      const actor = actorKey(event);
      if (item === undefined || actor === undefined) continue;
      builder.add({ actor, item, time: occurredAt, type });
    }
  }
  return { ...builder.finish(items.length), impressions };
}
