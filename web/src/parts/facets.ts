import type { FieldValue, List } from '../answers.ts';
import { fill, h, uniqueId } from '../dom.ts';
import { readable, show } from '../wording.ts';

const SHOWN = 10;

export type Chosen = ReadonlyMap<string, readonly FieldValue[]>;

/** A group of checkboxes for each facet; ticking several values of one means any of them. */
export function facetPanel(facets: NonNullable<List['facets']>, chosen: Chosen, onChange: (chosen: Chosen) => void): HTMLElement {
  const toggle = (field: string, value: FieldValue) => {
    const before = chosen.get(field) ?? [];
    const after = before.some((one) => one === value) ? before.filter((one) => one !== value) : [...before, value];
    onChange(new Map([...chosen, [field, after] as const].filter(([, values]) => values.length > 0)));
  };
  return h(
    'div',
    { class: 'facets' },
    ...Object.entries(facets).map(([field, counts]) => {
      const rows = counts.map(({ value, count }) => {
        const id = uniqueId('facet');
        const checked = chosen.get(field)?.some((one) => one === value) ?? false;
        return h(
          'div',
          { class: 'check' },
          h('input', {
            type: 'checkbox',
            id,
            checked,
            'data-facet': `${field}:${show(value)}`,
            onchange: () => toggle(field, value),
          }),
          h('label', { for: id }, show(value), ' ', h('span', { class: 'quiet' }, count)),
        );
      });
      return h(
        'fieldset',
        {},
        h('legend', {}, readable(field)),
        ...rows.slice(0, SHOWN),
        rows.length > SHOWN && h('details', {}, h('summary', {}, `${rows.length - SHOWN} more`), ...rows.slice(SHOWN)),
      );
    }),
  );
}

/**
 * Puts a new panel in the place of the one before: what was unfolded stays so, and the keyboard stays where it was. Arrow keys
 * go from value to value.
 */
export function showFacets(place: Element, panel: HTMLElement): void {
  const focused = document.activeElement;
  const here = focused instanceof HTMLElement && place.contains(focused) ? focused.dataset['facet'] : undefined;
  const open = new Set([...place.querySelectorAll('details[open]')].map(legendOf));
  fill(place, panel);
  for (const details of panel.querySelectorAll('details')) details.open = open.has(legendOf(details));
  const boxes = [...panel.querySelectorAll<HTMLInputElement>('input')];
  const again = boxes.find((box) => here !== undefined && box.dataset['facet'] === here);
  const folded = again?.closest('details');
  if (folded) folded.open = true;
  again?.focus();
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const shown = boxes.filter((box) => box.closest('details')?.open !== false);
    const at = event.target instanceof HTMLInputElement ? shown.indexOf(event.target) : -1;
    const next = shown[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    next.focus();
  });
}

const legendOf = (details: Element): string | null | undefined =>
  details.closest('fieldset')?.querySelector('legend')?.textContent;
