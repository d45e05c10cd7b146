import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { JsonValue } from '../../src/domain/json.ts';
import type { EventSchema, SchemaRegistry } from '../../src/ports/schemaRegistry.ts';

/** Why a payload does not fit: no such schema, or what in it does not conform. */
export interface Violation {
  readonly reason: 'unknown-schema' | 'nonconforming';
  readonly detail: string;
}

export type Validator = (type: string, version: number, payload: JsonValue) => Violation | undefined;

/** Validates payloads against the registry's schemas, each compiled once. */
export function createValidator(schemas: SchemaRegistry): Validator {
  const ajv = new Ajv({ strict: false, allErrors: false, addUsedSchema: false, validateFormats: true });
  addFormats.default(ajv);
  const compiled = new WeakMap<EventSchema['schema'], ValidateFunction>();
  return (type, version, payload) => {
    const found = schemas.get(type, version);
    if (found === undefined) return { reason: 'unknown-schema', detail: `no schema is registered for ${type}@${version}` };
    let validate = compiled.get(found.schema);
    if (validate === undefined) {
      validate = ajv.compile(found.schema);
      compiled.set(found.schema, validate);
    }
    if (validate(payload)) return undefined;
    return { reason: 'nonconforming', detail: ajv.errorsText(validate.errors, { dataVar: 'payload' }) };
  };
}
