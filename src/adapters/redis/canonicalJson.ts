import { isRecord, type JsonValue } from '../../domain/json.ts';

/** JSON with sorted keys: equal values have equal texts, so that a script can compare them. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) : part,
  );
}
