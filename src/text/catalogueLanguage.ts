import type { Catalogue } from '../catalogue/catalogue.ts';
import { searchFields, valueText } from './itemText.ts';
import { detectLanguage } from './language.ts';

/** Items whose texts are read to tell the language. */
const SAMPLE = 500;

/** The language of the texts whose field names none, told from items all over the catalogue; ISO 639-1, or `und`. */
export const catalogueLanguage = (catalogue: Catalogue): string => detectLanguage(sample(catalogue));

function* sample(catalogue: Catalogue): Iterable<string> {
  const texts = searchFields(catalogue.fields).filter((field) => field.isText && field.language === undefined);
  const step = Math.max(1, Math.floor(catalogue.rows / SAMPLE));
  for (let ordinal = 0; ordinal < catalogue.rows; ordinal += step) {
    const item = catalogue.at(ordinal);
    if (item !== undefined) for (const { name } of texts) yield valueText(item.fields[name]);
  }
}
