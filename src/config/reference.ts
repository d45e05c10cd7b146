import { z } from 'zod';
import { configSchema } from './schema.ts';

/** One key of `winnow.yaml`. */
export interface KeyReference {
  /** Such as `dataset.items.source`; `*` stands for a name of one's own, `[]` for an entry of a list. */
  readonly path: string;
  readonly required: boolean;
  /** As JSON; absent where there is none. */
  readonly default?: string;
}

interface JsonSchemaNode {
  readonly properties?: Record<string, JsonSchemaNode>;
  readonly additionalProperties?: JsonSchemaNode | boolean;
  readonly items?: JsonSchemaNode;
  readonly anyOf?: readonly JsonSchemaNode[];
  readonly oneOf?: readonly JsonSchemaNode[];
  readonly required?: readonly string[];
  readonly default?: unknown;
}

const nodeSchema: z.ZodType<JsonSchemaNode> = z.lazy(() =>
  z.object({
    properties: z.record(z.string(), nodeSchema).optional(),
    additionalProperties: z.union([z.boolean(), nodeSchema]).optional(),
    items: nodeSchema.optional(),
    anyOf: z.array(nodeSchema).optional(),
    oneOf: z.array(nodeSchema).optional(),
    required: z.array(z.string()).optional(),
    default: z.unknown().optional(),
  }),
);

/** Every key that holds a value, from the schema that validates the file. The documentation is tested against it. */
export function configKeys(): readonly KeyReference[] {
  const root = nodeSchema.parse(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }));
  const keys = new Map<string, KeyReference>();
  walk(root, '', true, (key) => {
    if (!keys.has(key.path)) keys.set(key.path, key);
  });
  return [...keys.values()];
}

function walk(node: JsonSchemaNode, path: string, required: boolean, add: (key: KeyReference) => void): void {
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) {
    if (choices.some((choice) => choice.properties === undefined)) add(reference(node, path, required));
    for (const choice of choices) if (choice.properties !== undefined) walk(choice, path, required, add);
    return;
  }
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (node.properties !== undefined) {
    for (const [name, child] of Object.entries(node.properties))
      walk(child, below(name), node.required?.includes(name) ?? false, add);
  } else if (typeof node.additionalProperties === 'object') walk(node.additionalProperties, below('*'), false, add);
  else if (node.items?.properties !== undefined || node.items?.anyOf !== undefined) walk(node.items, `${path}[]`, false, add);
  else add(reference(node, path, required));
}

const reference = (node: JsonSchemaNode, path: string, required: boolean): KeyReference => ({
  path,
  required,
  ...(node.default === undefined ? {} : { default: JSON.stringify(node.default) }),
});
