import type { JsonValue } from '../domain/json.ts';

type Schema = { readonly [key: string]: JsonValue | undefined };

/**
 * Why a new version of a schema would refuse events that fit the one before; empty when it would not. Backward compatibility as
 * schema registries mean it, worked out from the structure: it looks at what is required, at types, enumerations, bounds and
 * closed objects, through references. What it cannot follow (`allOf`, `anyOf`, `oneOf`, `not`, patterns, formats) must be the same in both.
 */
export function incompatibilities(before: Schema, after: Schema): string[] {
  const found: string[] = [];
  compare({ schema: before, root: before }, { schema: after, root: after }, 'payload', found, 0);
  return found;
}

interface Place {
  readonly schema: Schema;
  readonly root: Schema;
}

const OPAQUE = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'pattern',
  'format',
  'const',
  'patternProperties',
  'dependencies',
  'if',
  'then',
  'else',
];
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const MAX_DEPTH = 32;

function compare(before: Place, after: Place, path: string, found: string[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  const old = resolved(before);
  const now = resolved(after);
  const oldTypes = typesOf(old);
  const nowTypes = typesOf(now);
  if (nowTypes !== undefined) {
    const lost = [...(oldTypes ?? ['any type'])].filter(
      (type) => !nowTypes.has(type) && !(type === 'integer' && nowTypes.has('number')),
    );
    if (oldTypes === undefined || lost.length > 0) found.push(`${path}: no longer accepts ${lost.join(', ')}`);
  }
  compareBounds(old, now, path, found);
  const oldEnum = listOf(old['enum']);
  const nowEnum = listOf(now['enum']);
  if (nowEnum !== undefined) {
    const names = new Set(nowEnum.map((value) => JSON.stringify(value)));
    const lost =
      oldEnum === undefined ? ['other values'] : oldEnum.map((value) => JSON.stringify(value)).filter((v) => !names.has(v));
    if (lost.length > 0) found.push(`${path}: no longer accepts ${lost.join(', ')}`);
  }
  for (const keyword of OPAQUE) {
    if (now[keyword] !== undefined && JSON.stringify(now[keyword]) !== JSON.stringify(old[keyword])) {
      found.push(`${path}: "${keyword}" was added or changed`);
    }
  }
  compareObjects({ ...before, schema: old }, { ...after, schema: now }, path, found, depth);
  const items = [objectOf(old['items']), objectOf(now['items'])] as const;
  if (items[1] !== undefined) {
    compare({ ...before, schema: items[0] ?? {} }, { ...after, schema: items[1] }, `${path}[]`, found, depth + 1);
  }
}

function compareBounds(old: Schema, now: Schema, path: string, found: string[]): void {
  for (const keyword of LOWER) {
    const bound = now[keyword];
    const was = old[keyword];
    if (typeof bound === 'number' && (typeof was !== 'number' || bound > was))
      found.push(`${path}: "${keyword}" became ${bound}`);
  }
  for (const keyword of UPPER) {
    const bound = now[keyword];
    const was = old[keyword];
    if (typeof bound === 'number' && (typeof was !== 'number' || bound < was))
      found.push(`${path}: "${keyword}" became ${bound}`);
  }
}

function compareObjects(before: Place, after: Place, path: string, found: string[], depth: number): void {
  const old = before.schema;
  const now = after.schema;
  const wasRequired = new Set(listOf(old['required']));
  for (const name of listOf(now['required']) ?? []) {
    if (!wasRequired.has(name)) found.push(`${path}.${String(name)}: became required`);
  }
  const oldProperties = objectOf(old['properties']) ?? {};
  const nowProperties = objectOf(now['properties']) ?? {};
  const closed = now['additionalProperties'] === false;
  if (closed && old['additionalProperties'] !== false) found.push(`${path}: no longer accepts other properties`);
  for (const [name, value] of Object.entries(nowProperties)) {
    const schema = objectOf(value);
    const was = objectOf(oldProperties[name]);
    if (schema === undefined) continue;
    // A property that the old version did not name was unchecked or forbidden: naming it is how a schema grows.
    if (was !== undefined) {
      compare({ root: before.root, schema: was }, { root: after.root, schema }, `${path}.${name}`, found, depth + 1);
    }
  }
  for (const name of Object.keys(oldProperties)) {
    if (closed && !(name in nowProperties)) found.push(`${path}.${name}: was removed, and other properties are not accepted`);
  }
}

function resolved({ schema, root }: Place): Schema {
  let place = schema;
  for (let i = 0; i < MAX_DEPTH && typeof place['$ref'] === 'string'; i++) {
    let target: JsonValue | undefined = root;
    for (const part of place['$ref'].replace(/^#\/?/, '').split('/').filter(Boolean)) {
      target = objectOf(target)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
    }
    place = objectOf(target) ?? {};
  }
  return place;
}

function typesOf(schema: Schema): Set<string> | undefined {
  const { type } = schema;
  if (typeof type === 'string') return new Set([type]);
  const list = listOf(type);
  return list === undefined ? undefined : new Set(list.map(String));
}

const listOf = (value: JsonValue | undefined): readonly JsonValue[] | undefined => (isList(value) ? value : undefined);
const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

function objectOf(value: JsonValue | undefined): Schema | undefined {
  return typeof value === 'object' && value !== null && !isList(value) ? value : undefined;
}
