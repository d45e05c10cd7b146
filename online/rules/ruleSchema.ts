import { z } from 'zod';
import { idSchema } from '../../src/filters/policies.ts';

/** ISO 8601, or milliseconds since the epoch; YAML's own dates come as text. */
const timeSchema = z.union([
  z.number().int(),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  z.iso.date().transform((text) => Date.parse(text)),
]);

const daySchema = z.number().positive();

/** The things a rule can do; each rule does one. */
const actions = {
  /** Multiplies the score. */
  multiply: z.number().nonnegative().optional(),
  /** Adds to the score. */
  add: z.number().optional(),
  /** Slot in the list, counted from 1. */
  pin: z.number().int().min(1).max(500).optional(),
  bury: z.literal(true).optional(),
  hide: z.literal(true).optional(),
  /** Field of which no value may come more than `max` times on a page. */
  capPer: z.string().optional(),
  /** Date field: new items gain, half as much with every `halfLifeDays`. */
  boostFresh: z.string().optional(),
  /** Field whose values should take turns, or `vectors` for the embedding space. */
  diversify: z.string().optional(),
  /** Name of a source: at least `min` and at most `max` of a page come from it. */
  quota: z.string().optional(),
};

const parameters = {
  max: z.number().int().nonnegative().optional(),
  min: z.number().int().positive().optional(),
  weight: z.number().optional(),
  halfLifeDays: daySchema.optional(),
  strength: z.number().min(0).max(1).optional(),
};

export const ruleSchema = z.strictObject({
  id: idSchema,
  /** Which items it is about; all when absent. */
  where: z.string().optional(),
  /** For whom: a condition on user, request and now. */
  audience: z.string().optional(),
  scenarios: z.array(z.string()).optional(),
  from: timeSchema.optional(),
  until: timeSchema.optional(),
  /** Higher comes first; equal ones keep the order of the file. */
  priority: z.number().optional(),
  ...actions,
  ...parameters,
});

export type RuleSource = z.infer<typeof ruleSchema>;

export type Action =
  | { readonly kind: 'multiply'; readonly factor: number }
  | { readonly kind: 'add'; readonly amount: number }
  | { readonly kind: 'pin'; readonly slot: number }
  | { readonly kind: 'bury' }
  | { readonly kind: 'hide' }
  | { readonly kind: 'cap'; readonly field: string; readonly max: number }
  | { readonly kind: 'fresh'; readonly field: string; readonly weight: number; readonly halfLifeDays: number }
  | { readonly kind: 'diversify'; readonly by: string; readonly strength: number }
  | { readonly kind: 'quota'; readonly source: string; readonly min: number; readonly max: number };

const ACTION_NAMES = ['multiply', 'add', 'pin', 'bury', 'hide', 'capPer', 'boostFresh', 'diversify', 'quota'] as const;
type ActionName = (typeof ACTION_NAMES)[number];
type ParameterName = keyof typeof parameters;

const ALLOWED: Readonly<Record<ActionName, readonly ParameterName[]>> = {
  multiply: [],
  add: [],
  pin: [],
  bury: [],
  hide: [],
  capPer: ['max'],
  boostFresh: ['weight', 'halfLifeDays'],
  diversify: ['strength'],
  quota: ['min', 'max'],
};

/** What the rule does, or what is wrong with it. */
export function actionOf(rule: RuleSource): Action | { readonly wrong: string } {
  const named = ACTION_NAMES.filter((name) => rule[name] !== undefined);
  const [name] = named;
  if (name === undefined || named.length > 1) return { wrong: `exactly one of ${ACTION_NAMES.join(', ')} is expected` };
  for (const parameter of ['max', 'min', 'weight', 'halfLifeDays', 'strength'] as const)
    if (rule[parameter] !== undefined && !ALLOWED[name].includes(parameter))
      return { wrong: `"${parameter}" does not go with ${name}` };
  if (rule.multiply !== undefined) return { kind: 'multiply', factor: rule.multiply };
  if (rule.add !== undefined) return { kind: 'add', amount: rule.add };
  if (rule.pin !== undefined) return { kind: 'pin', slot: rule.pin };
  if (rule.bury) return { kind: 'bury' };
  if (rule.hide) return { kind: 'hide' };
  if (rule.capPer !== undefined)
    return rule.max === undefined || rule.max < 1
      ? { wrong: 'capPer needs max, at least 1' }
      : { kind: 'cap', field: rule.capPer, max: rule.max };
  if (rule.boostFresh !== undefined)
    return { kind: 'fresh', field: rule.boostFresh, weight: rule.weight ?? 0.5, halfLifeDays: rule.halfLifeDays ?? 30 };
  if (rule.diversify !== undefined) return { kind: 'diversify', by: rule.diversify, strength: rule.strength ?? 0.3 };
  const { min = 0, max = Number.POSITIVE_INFINITY } = rule;
  if (rule.min === undefined && rule.max === undefined) return { wrong: 'quota needs min or max' };
  if (min > max) return { wrong: 'quota: min is above max' };
  return { kind: 'quota', source: rule.quota ?? '', min, max };
}
