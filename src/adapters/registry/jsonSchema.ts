import { Ajv } from 'ajv';

const ajv = new Ajv({ strict: false });

/** What makes it no valid JSON Schema, or `undefined`. */
export const checkJsonSchema = (schema: Readonly<Record<string, unknown>>): string | undefined =>
  ajv.validateSchema(schema) === true ? undefined : ajv.errorsText(ajv.errors);
