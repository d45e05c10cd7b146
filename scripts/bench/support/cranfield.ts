import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../src/domain/errors.ts';

/** A collection of texts with queries and graded judgments: grades by item id, the gain being 2^grade − 1. */
export interface Collection {
  readonly items: readonly { readonly id: string; readonly fields: { readonly title: string; readonly text: string } }[];
  readonly queries: readonly { readonly id: string; readonly text: string; readonly grades: ReadonlyMap<string, number> }[];
}

const squeeze = (text: string | undefined): string => (text ?? '').replace(/\s+/g, ' ').trim();
const records = (text: string): string[] => text.split(/^\.I /m).slice(1);

/**
 * Cranfield 1400 from its three files. Grade = 5 − code for codes 1 to 4; a code of −1 counts as unjudged; the text is the
 * abstract without its repeated title; queries without a judged document are left out. @throws UserError naming a missing file
 */
export async function readCranfield(folder: string): Promise<Collection> {
  const read = (name: string): Promise<string> => {
    const path = join(folder, name);
    if (!existsSync(path))
      throw new UserError(`the Cranfield collection is needed: there is no ${path} (give its folder with --cranfield)`);
    return readFile(path, 'utf8');
  };
  const [documents, queries, judgments] = await Promise.all([read('cran.all.1400'), read('cran.qry'), read('cranqrel')]);
  const items = records(documents).map((record) => {
    const title = squeeze(/\.T\n([\s\S]*?)\.A\n/.exec(record)?.[1]);
    const text = squeeze(/\.W\n([\s\S]*)$/.exec(record)?.[1]);
    return {
      id: /^\d+/.exec(record)?.[0] ?? '',
      fields: { title, text: text.startsWith(title) ? text.slice(title.length).trim() : text },
    };
  });
  const grades = new Map<string, Map<string, number>>();
  for (const line of judgments.trim().split('\n')) {
    const [query = '', item = '', code = ''] = line.trim().split(/\s+/);
    if (Number(code) < 1) continue;
    const own = grades.get(query) ?? new Map<string, number>();
    grades.set(query, own.set(item, 5 - Number(code)));
  }
  return {
    items,
    // The judgments number the queries in their order.
    queries: records(queries).flatMap((record, i) => {
      const own = grades.get(String(i + 1));
      return own === undefined ? [] : [{ id: String(i + 1), text: squeeze(/\.W\n([\s\S]*)$/.exec(record)?.[1]), grades: own }];
    }),
  };
}
