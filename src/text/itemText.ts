import type { FieldDefinitions } from '../config/schema.ts';
import type { FieldValue, Item } from '../domain/item.ts';

export interface SearchField {
  readonly name: string;
  readonly boost: number;
  readonly language?: string;
  /** Free text, as against the values of a category. */
  readonly isText: boolean;
}

/** Fields that search reads: text and categories with a boost above zero, the weightiest first. */
export function searchFields(fields: FieldDefinitions): SearchField[] {
  return Object.entries(fields)
    .flatMap(([name, field]): SearchField[] => {
      if (field.type === 'text' && field.searchBoost > 0) {
        const language = field.language === undefined ? {} : { language: field.language };
        return [{ name, boost: field.searchBoost, isText: true, ...language }];
      }
      if ((field.type === 'category' || field.type === 'categories') && field.searchBoost > 0) {
        return [{ name, boost: field.searchBoost, isText: false }];
      }
      return [];
    })
    .sort((a, b) => b.boost - a.boost);
}

/** A field's value as text; a list's values are apart, so that no phrase spans two. */
export const valueText = (value: FieldValue | undefined): string =>
  value === undefined ? '' : Array.isArray(value) ? value.join(' | ') : String(value);

/** What the text encoder reads of an item: its texts in order of weight, then its categories. Empty where it has neither. */
export function itemText(item: Item, fields: FieldDefinitions): string {
  const read = searchFields(fields);
  const parts = [...read.filter((field) => field.isText), ...read.filter((field) => !field.isText)];
  return parts
    .map(({ name, isText }) => valueText(item.fields[name]).replaceAll(' | ', isText ? ' ' : ', '))
    .filter((text) => text !== '')
    .join('. ');
}
