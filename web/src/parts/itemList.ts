import type { About, List, ListItem } from '../answers.ts';
import { h } from '../dom.ts';
import { itemCard } from './itemCard.ts';

export interface ListOptions {
  readonly about: About;
  /** Ids of the list that was here before, in order; undefined for a first one. */
  readonly before?: readonly string[] | undefined;
  /** The button of each item; a list without one is for looking only. */
  readonly act?: { readonly word: string; readonly run: (item: ListItem, position: number) => void };
}

/** An answer's items. Arrow keys go from card to card. */
export function itemList(list: List, { about, before, act }: ListOptions): HTMLElement {
  const scores = list.items.map((item) => item.score);
  const range = [Math.min(...scores), Math.max(...scores)] as const;
  const places = before === undefined ? undefined : new Map(before.map((id, i) => [id, i + 1]));
  const element = h(
    'ol',
    { class: 'cards' },
    ...list.items.map((item, i) =>
      itemCard(item, {
        about,
        position: i + 1,
        range,
        before: places === undefined ? undefined : (places.get(item.id) ?? null),
        act,
      }),
    ),
  );
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const buttons = [...element.querySelectorAll<HTMLButtonElement>('button.act')];
    const card = event.target instanceof Element ? event.target.closest('.card') : null;
    const at = buttons.findIndex((button) => button.closest('.card') === card);
    const next = buttons[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  });
  return element;
}
