import { sendAction, untilKnown } from '../act.ts';
import { type About, type List, type ListItem, listAnswer, suggestAnswer } from '../answers.ts';
import { get } from '../api.ts';
import { fill, h } from '../dom.ts';
import { announce } from '../parts/announce.ts';
import { combobox } from '../parts/combobox.ts';
import { type Chosen, facetPanel, showFacets } from '../parts/facets.ts';
import { filterField } from '../parts/filterField.ts';
import { itemList } from '../parts/itemList.ts';
import { problemBox } from '../parts/problem.ts';
import { servedLine } from '../parts/served.ts';
import { sortField } from '../parts/sortField.ts';
import { rewrite } from '../router.ts';
import { whoParameters } from '../state.ts';
import { anyOf, titleOf } from '../wording.ts';
import type { Page, PageContext } from './page.ts';
import { exampleFilter } from './recommend.ts';

const PAGE = 10;
const LONGEST = 500;

/** Search with suggestions, facets, filters and an order; everything works from the keyboard. */
export const searchPage: Page = {
  title: 'Search',
  draw({ about, parameters }: PageContext) {
    const facetFields = Object.keys(about.fields).filter((name) => about.fields[name]?.facet === true);
    const action = about.eventTypes.find(({ name }) => name === 'click')?.name ?? about.eventTypes[0]?.name ?? 'click';
    const asked = {
      q: parameters.get('q') ?? '',
      filter: parameters.get('filter') ?? '',
      sort: parameters.get('sort') ?? '',
      limit: PAGE,
    };
    let chosen: Chosen = new Map();
    let running = new AbortController();
    const results = h('div', { class: 'results' });
    const facets = h('aside', { 'aria-label': 'Facets' });

    const request = () => ({
      ...whoParameters(),
      q: asked.q,
      filter: wholeFilter(about, asked.filter, chosen) || undefined,
      facets: facetFields.join(',') || undefined,
      sort: asked.sort || undefined,
      limit: asked.limit,
      explain: true,
    });
    const load = async (before?: readonly string[]) => {
      rewrite('search', { q: asked.q, filter: asked.filter, sort: asked.sort });
      running.abort();
      running = new AbortController();
      results.setAttribute('aria-busy', 'true');
      try {
        const { data, times } = await get(listAnswer, '/search', request(), running.signal);
        filter.showError(undefined);
        fill(
          results,
          found(data, asked.q),
          servedLine(data, times),
          itemList(data, { about, before, act: { word: action, run: (item, at) => void act(data, item, at) } }),
          data.nextCursor !== null &&
            asked.limit < LONGEST &&
            h('button', { type: 'button', class: 'more', onclick: more }, 'More'),
        );
        showFacets(facets, facetPanel(data.facets ?? {}, chosen, choose));
        announce(results.querySelector('.found')?.textContent ?? '');
      } catch (error) {
        if (error instanceof DOMException && error.name === 'AbortError') return;
        if (!filter.showError(error)) fill(results, problemBox(error));
      }
      results.setAttribute('aria-busy', 'false');
    };
    const again = () => {
      asked.limit = PAGE;
      void load();
    };
    const choose = (next: Chosen) => {
      chosen = next;
      again();
    };
    /** The list, longer; the keyboard goes on at the first item that was added. */
    const more = async () => {
      const shown = asked.limit;
      asked.limit += PAGE;
      await load();
      results.querySelectorAll<HTMLButtonElement>('button.act')[shown]?.focus();
    };
    const act = async (list: List, item: ListItem, position: number) => {
      try {
        const at = await sendAction(action, item.id, list.requestId, position);
        await untilKnown(item.id, at, 50);
      } catch (error) {
        return fill(results, problemBox(error));
      }
      await load(list.items.map(({ id }) => id));
      announce(`${action} on ${titleOf(about, item)} was sent.`);
      results.querySelectorAll<HTMLButtonElement>('button.act')[position - 1]?.focus();
    };

    const filter = filterField({
      value: asked.filter,
      example: exampleFilter(about.fields),
      onChange: (value) => {
        asked.filter = value;
        again();
      },
    });
    const box = combobox({
      label: 'Search the catalogue',
      large: true,
      placeholder: 'Search (press / to come here)',
      value: asked.q,
      offer: async (typed, signal) => {
        const { data } = await get(suggestAnswer, '/suggest', { q: typed, limit: 8 }, signal);
        return data.suggestions.map(({ text }) => ({ text, value: text }));
      },
      onTake: (typed) => {
        asked.q = typed;
        chosen = new Map();
        again();
      },
      onLeaveDown: () => results.querySelector<HTMLButtonElement>('button.act')?.focus(),
    });
    const sort = sortField(about, asked.sort, (order) => {
      asked.sort = order;
      again();
    });
    box.input.dataset['slash'] = 'here';
    results.addEventListener('keydown', (event) => {
      const first = results.querySelector('button.act');
      if (event.key === 'Escape' || (event.key === 'ArrowUp' && event.target === first)) box.input.focus();
      if (event.key === 'ArrowRight') facets.querySelector('input')?.focus();
    });
    facets.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') box.input.focus();
      if (event.key === 'ArrowLeft') results.querySelector<HTMLButtonElement>('button.act')?.focus();
    });
    void load();
    queueMicrotask(() => box.input.focus());
    return h(
      'div',
      { class: 'with-aside searching' },
      h(
        'section',
        {},
        h('h2', {}, 'Search'),
        box.element,
        h('div', { class: 'toolbar' }, filter.element, sort),
        h(
          'p',
          { class: 'keys quiet' },
          ...keys('↓', 'results', '→', 'facets', 'Esc', 'back to the field', '/', 'the field, from anywhere'),
        ),
      ),
      facets,
      results,
    );
  },
};

/** Keys and what they do, in turn. */
const keys = (...pairs: readonly string[]) => pairs.map((text, i) => (i % 2 === 0 ? h('kbd', {}, text) : ` ${text}  `));

/** The typed filter and the ticked facets together: any value of a facet, every facet. */
export function wholeFilter(about: About, typed: string, chosen: Chosen): string {
  const parts = [...chosen].map(([field, values]) => anyOf(about, field, values));
  if (typed !== '') parts.unshift(parts.length > 0 ? `(${typed})` : typed);
  return parts.join(' && ');
}

function found(list: List, query: string): HTMLElement {
  if (query.trim() === '')
    return h('p', { class: 'found' }, 'Everything the filter keeps. Type to search; the slash key brings you back to the field.');
  const count = list.total ?? list.items.length;
  const corrected = list.correctedQuery;
  return h(
    'p',
    { class: 'found' },
    count === 0 ? `Nothing matches “${query}”.` : `${count.toLocaleString('en')} ${count === 1 ? 'match' : 'matches'}`,
    list.notice !== undefined && list.notice !== null && h('span', { class: 'quiet' }, list.notice),
    corrected !== undefined &&
      corrected !== null &&
      h('span', {}, ' for ', h('strong', { class: 'corrected' }, corrected), ` (you typed “${query}”)`),
  );
}
