import type { About } from '../answers.ts';
import { h, uniqueId } from '../dom.ts';
import { readable } from '../wording.ts';

/** Chooses the order of a search: by relevance, or by a field that has one value an item. */
export function sortField(about: About, chosen: string, onChange: (sort: string) => void): HTMLElement {
  const id = uniqueId('sort');
  const fields = Object.entries(about.fields).filter(([, { type }]) => type !== 'categories');
  const orders = fields.flatMap(([name, { type }]) => {
    const [up, down] = type === 'text' || type === 'category' ? ['A to Z', 'Z to A'] : ['lowest first', 'highest first'];
    return [
      { value: name, text: `${readable(name)}, ${up}` },
      { value: `-${name}`, text: `${readable(name)}, ${down}` },
    ];
  });
  const select = h(
    'select',
    { id, onchange: () => onChange(select.value) },
    ...[{ value: '', text: 'Relevance' }, ...orders].map(({ value, text }) =>
      h('option', { value, selected: value === chosen }, text),
    ),
  );
  return h('div', { class: 'field' }, h('label', { for: id }, 'Order'), select);
}
