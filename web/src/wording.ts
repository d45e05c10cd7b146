import type { About, Fields, FieldValue } from './answers.ts';

export function show(value: FieldValue): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

export function titleOf(about: About, item: { readonly id: string; readonly fields: Fields }): string {
  const value = about.itemTitle === null ? undefined : item.fields[about.itemTitle];
  return value === undefined ? item.id : show(value);
}

const dayFormat = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** A field's name as a person would write it. */
export const readable = (name: string): string => name.replaceAll('_', ' ');

interface Chip {
  readonly name: string;
  readonly text: string;
}

/** An item's short values: those that people choose by (the facets), and the others; without the title and long texts. */
export function chips(about: About, fields: Fields): { chosenBy: Chip[]; others: Chip[] } {
  const definitions = Object.entries(about.fields);
  const anyFacet = definitions.some(([, { facet }]) => facet === true);
  const made = definitions.flatMap(([name, { type, facet }]) => {
    const value = fields[name];
    if (name === about.itemTitle || value === undefined || type === 'text') return [];
    return [{ name, text: chipText(readable(name), type, value), first: !anyFacet || facet === true }];
  });
  return { chosenBy: made.filter(({ first }) => first), others: made.filter(({ first }) => !first) };
}

/** A bare number or a bare yes says nothing without its name. */
function chipText(name: string, type: string, value: FieldValue): string {
  if (type === 'date' && typeof value === 'number') return `${name} ${dayFormat.format(value)}`;
  return type === 'number' || type === 'boolean' ? `${name} ${show(value)}` : show(value);
}

/** Three significant digits, or as many as whole numbers need. */
export const figure = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

export const signed = (value: number): string => (value > 0 ? `+${figure(value)}` : figure(value).replace('-', '−'));

export function describe(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(', ');
}

/** CEL text of a literal. */
export const literal = (value: FieldValue): string => JSON.stringify(value);

/** CEL that keeps items with one of the values in a field. */
export function anyOf(about: About, field: string, values: readonly FieldValue[]): string {
  const list = about.fields[field]?.type === 'categories';
  const parts = values.map((value) => (list ? `${literal(value)} in item.${field}` : `item.${field} == ${literal(value)}`));
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' || ')})`;
}
