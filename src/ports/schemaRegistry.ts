import type { JsonValue } from '../domain/json.ts';

export interface EventSchema {
  readonly type: string;
  readonly version: number;
  readonly schema: Readonly<Record<string, JsonValue>>;
}

/**
 * JSON Schemas of event payloads by type and version. Lookups are in memory; the adapter keeps them in sync. A schema that has
 * not changed is the same object at every lookup, so what is compiled from it can be kept with it.
 */
export interface SchemaRegistry {
  get(type: string, version: number): EventSchema | undefined;
  all(): readonly EventSchema[];
  /** @throws UserError when it is incompatible with the versions before it, naming how */
  register(schema: EventSchema): Promise<void>;
  /** Looks for news at once rather than at the next interval. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}
