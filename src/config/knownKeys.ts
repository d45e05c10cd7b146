import { z } from 'zod';
import { configSchema } from './schema.ts';

const nodeSchema = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});

/** The keys that may stand in the mapping at a path of `winnow.yaml`; empty where any name may. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const nodes = path.reduce<unknown[]>(
    (current, step) => current.flatMap((node) => children(node, step)),
    alternatives(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' })),
  );
  return [...new Set(nodes.flatMap((node) => Object.keys(nodeSchema.safeParse(node).data?.properties ?? {})))];
}

function children(node: unknown, step: PropertyKey): unknown[] {
  const { properties, additionalProperties, items } = nodeSchema.safeParse(node).data ?? {};
  const child = typeof step === 'number' ? items : (properties?.[String(step)] ?? additionalProperties);
  return child === undefined ? [] : alternatives(child);
}

function alternatives(node: unknown): unknown[] {
  const { anyOf, oneOf } = nodeSchema.safeParse(node).data ?? {};
  const choices = anyOf ?? oneOf;
  return choices === undefined ? [node] : choices.flatMap(alternatives);
}
