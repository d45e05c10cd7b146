import type { FieldValue, List } from '../answers.ts';
import { h, uniqueId } from '../dom.ts';
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
