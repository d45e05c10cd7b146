import { Ajv } from 'ajv';

/** What makes it no valid JSON Schema, or `undefined`. */
export function checkJsonSchema(schema: Readonly<Record<string, unknown>>): string | undefined {
  const ajv = new Ajv({ strict: false });
  return ajv.validateSchema(schema) === true ? undefined : ajv.errorsText(ajv.errors);
}
