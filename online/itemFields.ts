import type { FieldDefinitions } from '../src/config/schema.ts';
import { parseValue } from '../src/dataset/values.ts';
import { type FieldIssue, UserError } from '../src/domain/errors.ts';
import type { Fields, FieldValue } from '../src/domain/item.ts';
import type { JsonValue } from '../src/domain/json.ts';

/** JSON values as typed fields, by the very rules of the import. @throws UserError naming every field that is unknown or wrong */
export function parseJsonFields(values: Readonly<Record<string, JsonValue | undefined>>, definitions: FieldDefinitions): Fields {
  const fields: Record<string, FieldValue> = {};
  const issues: FieldIssue[] = [];
  for (const [path, value] of Object.entries(values)) {
    const definition = Object.hasOwn(definitions, path) ? definitions[path] : undefined;
    if (definition === undefined) {
      issues.push({ path, message: `is not a field; the fields are ${Object.keys(definitions).join(', ')}` });
      continue;
    }
    const parsed = parseValue(value, definition);
    if ('reason' in parsed) issues.push({ path, message: parsed.reason });
    else if (parsed.value !== undefined) fields[path] = parsed.value;
  }
  if (issues.length === 0) return fields;
  const shown = issues.slice(0, 3).map((issue) => `${issue.path}: ${issue.message}`);
  throw new UserError(`Invalid fields: ${shown.join('; ')}`, { issues });
}
