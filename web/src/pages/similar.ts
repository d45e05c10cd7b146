import { itemAnswer, listAnswer } from '../answers.ts';
import { get } from '../api.ts';
import { fill, h } from '../dom.ts';
import { itemList } from '../parts/itemList.ts';
import { problemBox } from '../parts/problem.ts';
import { servedLine } from '../parts/served.ts';
import { whoParameters } from '../state.ts';
import { titleOf } from '../wording.ts';
import type { Page, PageContext } from './page.ts';

/** Items like one item, for the chosen person: the policies hold here too. */
export const similarPage: Page = {
  title: 'Similar',
  draw({ about, parameters }: PageContext) {
    const id = parameters.get('item') ?? '';
    const path = `/items/${encodeURIComponent(id)}`;
    const heading = h('h2', {}, 'Similar items');
    const results = h('div', { class: 'results' });
    const load = async () => {
      const [item, list] = await Promise.all([
        get(itemAnswer, path),
        get(listAnswer, `${path}/similar`, { ...whoParameters(), limit: 10, explain: true }),
      ]);
      heading.textContent = `Like “${titleOf(about, item.data)}”`;
      fill(results, servedLine(list.data, list.times), itemList(list.data, { about }));
    };
    load().catch((error: unknown) => fill(results, problemBox(error)));
    return h('section', {}, heading, results);
  },
};
