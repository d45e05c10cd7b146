import type { Action } from '../../src/domain/event.ts';

/**
 * Adds to actions what they do not carry, or finds that it cannot be had: a lookup in memory, a call of a service, a model's
 * inference. Asked for a batch at a time.
 */
export interface Enrichment {
  readonly name: string;
  /** One answer for each action, in order. @throws when it cannot; then it is asked about parts of the batch, to spare the rest */
  enrich(actions: readonly Action[]): Promise<readonly EnrichmentResult[]>;
}

export type EnrichmentResult =
  | { readonly action: Action }
  /** `retry`: whether trying again shortly may help. */
  | { readonly reason: string; readonly detail: string; readonly retry: boolean };

/** What is known of the catalogue in memory. */
export interface ItemLookup {
  has(id: string): boolean;
}

/**
 * An action on an item that nobody knows says nothing yet: the item may still be on its way. After a few quick looks it is a
 * dead letter, to be replayed once the item is there.
 */
export function knownItem(items: ItemLookup): Enrichment {
  return {
    name: 'item',
    enrich: async (actions) =>
      actions.map((action) =>
        items.has(action.itemId)
          ? { action }
          : { reason: 'unknown-item', detail: `no item ${JSON.stringify(action.itemId)} is in the catalogue`, retry: true },
      ),
  };
}
