import type { Fields } from './item.ts';
import type { JsonValue } from './json.ts';

/** What is kept of one user, session or item: its attributes, and one entry for each state feature by name. */
export interface EntityState {
  readonly fields?: Fields;
  readonly features: Readonly<Record<string, JsonValue>>;
}

export type EntityKind = 'user' | 'session' | 'item';

/** Key of an entity in the feature store. The id may hold any character, colons included: only the first colon separates. */
export type EntityKey = `${EntityKind}:${string}`;

export const entityKey = (kind: EntityKind, id: string): EntityKey => `${kind}:${id}`;
