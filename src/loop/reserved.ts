import type { JsonValue } from '../domain/json.ts';
import type { EntityState } from '../domain/state.ts';

/**
 * What the loop itself keeps in an entity's state, beside the features. Names start with `$`, which no feature's does.
 */
export const ALIAS = '$alias';
export const MERGED = '$merged';
export const EVENT_IDS = '$ids';

/** The user that a session or another user has become, if it has. */
export function aliasOf(state: EntityState | undefined): `user:${string}` | undefined {
  const value = state?.features[ALIAS];
  return typeof value === 'string' ? `user:${value}` : undefined;
}

/** Entities that were merged into this one. */
export function mergedInto(state: EntityState | undefined): readonly string[] {
  const value = state?.features[MERGED];
  return Array.isArray(value) ? value.filter((key: JsonValue) => typeof key === 'string') : [];
}

/** The state with reserved or other entries replaced; `undefined` removes one. */
export function withEntries(
  state: EntityState | undefined,
  entries: Readonly<Record<string, JsonValue | undefined>>,
): EntityState {
  const features: Record<string, JsonValue> = { ...state?.features };
  for (const [name, value] of Object.entries(entries)) {
    if (value === undefined) delete features[name];
    else features[name] = value;
  }
  return state?.fields === undefined ? { features } : { fields: state.fields, features };
}
