import type { About, ListItem } from '../answers.ts';
import { h, withProperty } from '../dom.ts';
import { link } from '../router.ts';
import { chips, figure, titleOf } from '../wording.ts';
import { explanationView } from './explanation.ts';
import { highlighted } from './highlight.ts';

export interface CardOptions {
  readonly about: About;
  readonly position: number;
  /** The list's best and worst scores, for the length of the bar. */
  readonly range: readonly [low: number, high: number];
  /** Where it stood in the list before; undefined in a first list, null when it is new. */
  readonly before?: number | null | undefined;
  readonly act?: { readonly word: string; readonly run: (item: ListItem, position: number) => void } | undefined;
}

export function itemCard(item: ListItem, { about, position, range, before, act }: CardOptions): HTMLElement {
  const { chosenBy, others } = chips(about, item.fields);
  const [low, high] = range;
  const share = high > low ? (item.score - low) / (high - low) : 1;
  const name = titleOf(about, item);
  const marked = about.itemTitle === null ? undefined : item.highlights?.[about.itemTitle];
  const snippet = Object.entries(item.highlights ?? {}).find(
    ([field]) => about.fields[field]?.type === 'text' && field !== about.itemTitle,
  );
  return h(
    'li',
    { class: 'card', 'data-item': item.id },
    h('span', { class: 'place', 'aria-hidden': 'true' }, position),
    h(
      'div',
      { class: 'card-body' },
      h('h3', {}, ...(marked === undefined ? [name] : highlighted(marked)), ' ', movement(position, before)),
      snippet !== undefined && h('p', { class: 'snippet' }, ...highlighted(snippet[1])),
      h('p', { class: 'chips' }, ...chosenBy.map(chip)),
      h(
        'details',
        {},
        h(
          'summary',
          {},
          withProperty(h('span', { class: 'score', 'aria-hidden': 'true' }), '--share', Math.max(0.02, share)),
          h('span', { class: 'visually-hidden' }, `Why ${name} is here: `),
          `${figure(item.score)} `,
          ...item.sources.map(({ source }) => h('span', { class: 'badge' }, source)),
          ...(item.explanation?.effects ?? []).map(({ rule }) => h('span', { class: 'badge rule' }, rule)),
        ),
        explanationView(item),
        h('p', { class: 'chips' }, ...others.map(chip)),
        h(
          'p',
          { class: 'row' },
          h('a', { href: link('similar', { item: item.id }) }, 'Similar items'),
          h('a', { href: link('why', { item: item.id }) }, 'Why is it here?'),
          h('span', { class: 'quiet' }, `id ${item.id}`),
        ),
      ),
    ),
    act !== undefined &&
      h(
        'button',
        { class: 'act', type: 'button', 'aria-label': `${act.word} ${name}`, onclick: () => act.run(item, position) },
        act.word,
      ),
  );
}

const chip = ({ name, text }: { name: string; text: string }) => h('span', { class: 'chip', title: name }, text);

function movement(position: number, before: number | null | undefined): HTMLElement | null {
  if (before === undefined || before === position) return null;
  if (before === null) return h('span', { class: 'move new' }, 'new');
  const steps = before - position;
  return h(
    'span',
    { class: steps > 0 ? 'move up' : 'move down', title: `was at ${before}` },
    h('span', { 'aria-hidden': 'true' }, `${steps > 0 ? '▲' : '▼'} ${Math.abs(steps)}`),
    h('span', { class: 'visually-hidden' }, `moved ${steps > 0 ? 'up' : 'down'} ${Math.abs(steps)}`),
  );
}
