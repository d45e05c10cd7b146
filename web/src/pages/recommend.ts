import { sendAction, untilKnown } from '../act.ts';
import { type List, type ListItem, listAnswer } from '../answers.ts';
import { get } from '../api.ts';
import { fill, h, uniqueId } from '../dom.ts';
import { announce } from '../parts/announce.ts';
import { filterField } from '../parts/filterField.ts';
import { historyPanel } from '../parts/history.ts';
import { itemList } from '../parts/itemList.ts';
import { problemBox } from '../parts/problem.ts';
import { servedLine } from '../parts/served.ts';
import { rewrite } from '../router.ts';
import { who, whoParameters } from '../state.ts';
import { titleOf } from '../wording.ts';
import type { Page, PageContext } from './page.ts';

const PAGE = 10;

/** The list of whoever is chosen. A click is sent as an event, and the list that follows shows what it changed. */
export const recommendPage: Page = {
  title: 'Recommend',
  draw({ about, parameters }: PageContext) {
    const settings = { filter: parameters.get('filter') ?? '', seen: parameters.get('seen') === 'true', limit: PAGE };
    const results = h('div', { class: 'results', 'aria-busy': 'true' });
    const aside = h('aside', { 'aria-label': 'What they did lately' });
    const eventType = eventTypeSelect(about.eventTypes.map(({ name }) => name));
    let shown: List | undefined;

    const request = () => ({
      ...whoParameters(),
      filter: settings.filter || undefined,
      excludeSeen: !settings.seen,
      limit: settings.limit,
      explain: true,
    });
    const load = async (before?: readonly string[]) => {
      rewrite('recommend', { filter: settings.filter, seen: settings.seen ? 'true' : '' });
      results.setAttribute('aria-busy', 'true');
      try {
        const { data, times } = await get(listAnswer, '/recommend', request());
        shown = data;
        filter.showError(undefined);
        fill(
          results,
          servedLine(data, times),
          data.items.length === 0
            ? h('p', { class: 'empty' }, 'Nothing is left for this person under this filter and the policies.')
            : itemList(data, { about, before, act: { word: eventType.select.value, run: act } }),
          data.items.length === settings.limit && settings.limit < 500 ? more() : null,
        );
      } catch (error) {
        if (!filter.showError(error)) fill(results, problemBox(error));
      }
      results.setAttribute('aria-busy', 'false');
    };
    const showMore = () => {
      settings.limit = Math.min(500, settings.limit * 2);
      void load();
    };
    const more = () => h('button', { type: 'button', class: 'more', onclick: showMore }, 'Show more');
    const act = async (item: ListItem, position: number) => {
      if (shown === undefined) return;
      const before = shown;
      results.setAttribute('aria-busy', 'true');
      try {
        const at = await sendAction(eventType.select.value, item.id, before.requestId, position);
        await untilKnown(item.id, at, 50);
      } catch (error) {
        fill(results, problemBox(error));
        return;
      }
      await load(before.items.map(({ id }) => id));
      void historyPanel(aside, about);
      announce(`${eventType.select.value} on ${titleOf(about, item)} was sent. The list has changed.`);
      results.querySelectorAll<HTMLButtonElement>('button.act')[Math.min(position, shown.items.length) - 1]?.focus();
    };

    const filter = filterField({
      value: settings.filter,
      example: exampleFilter(about.fields),
      onChange: (value) => {
        settings.filter = value;
        void load();
      },
    });
    const seenId = uniqueId('seen');
    const seen = h('input', {
      type: 'checkbox',
      id: seenId,
      checked: settings.seen,
      onchange: () => {
        settings.seen = seen.checked;
        void load();
      },
    });
    eventType.select.addEventListener('change', () => void load());
    void load();
    void historyPanel(aside, about);
    return h(
      'div',
      { class: 'with-aside' },
      h(
        'section',
        {},
        h('h2', {}, heading()),
        h(
          'div',
          { class: 'toolbar' },
          filter.element,
          eventType.element,
          h('div', { class: 'check' }, seen, h('label', { for: seenId }, 'Also what they know')),
        ),
        results,
      ),
      aside,
    );
  },
};

function heading(): string {
  const person = who();
  if (person?.kind === 'user') return `For ${person.id}`;
  return person?.kind === 'session' ? 'For an anonymous session' : 'For a stranger';
}

function eventTypeSelect(types: readonly string[]): { element: HTMLElement; select: HTMLSelectElement } {
  const id = uniqueId('event-type');
  const preferred = types.includes('click') ? 'click' : types[0];
  const select = h('select', { id }, ...types.map((type) => h('option', { value: type, selected: type === preferred }, type)));
  return { element: h('div', { class: 'field' }, h('label', { for: id }, 'The button sends'), select), select };
}

/** A filter in the catalogue's own words. */
export function exampleFilter(fields: Readonly<Record<string, { readonly type: string }>>): string {
  const first = (type: string) => Object.keys(fields).find((name) => fields[name]?.type === type);
  const number = first('number');
  if (number !== undefined) return `item.${number} > 1`;
  const category = first('category');
  if (category !== undefined) return `item.${category} != "…"`;
  return 'item.id != "…"';
}
