import type { FieldDefinitions } from '../config/schema.ts';
import { fieldDefinitionSchema } from '../config/schema.ts';
import type { Bindings } from './bindings.ts';
import type { ExpressionEnvironment } from './expression.ts';

const define = (types: Readonly<Record<string, string>>): FieldDefinitions =>
  Object.fromEntries(Object.entries(types).map(([name, type]) => [name, fieldDefinitionSchema.parse({ type })]));

/** A small catalogue's fields, for tests: one of each type, and two numbers. */
export const environment: ExpressionEnvironment = {
  fields: define({
    title: 'text',
    brand: 'category',
    genres: 'categories',
    year: 'number',
    price: 'number',
    available: 'boolean',
    until: 'date',
  }),
  userFields: define({ age: 'number', region: 'category', score: 'number', member: 'boolean' }),
};

export const scope: Bindings = {
  user: { id: 'u1', age: 30, region: 'DE' },
  request: {
    route: 'recommend',
    scenario: 'home',
    context: { hour: 18, tags: ['a', 'b'], region: 'DE', nothing: null, nought: 0 },
  },
  now: Date.parse('2026-11-23T12:00:00Z'),
};
