import type { Person } from '../answers.ts';
import { h, uniqueId } from '../dom.ts';
import { randomId, setWho, who } from '../state.ts';
import { describe } from '../wording.ts';

/** Chooses whose list the page shows: someone known, a stranger, or nobody signed in. */
export function whoPicker(people: readonly Person[]): HTMLElement {
  const id = uniqueId('who');
  const now = who();
  const select = h(
    'select',
    { id, onchange: () => choose(select.value) },
    h(
      'optgroup',
      { label: 'Someone new' },
      h('option', { value: 'stranger', selected: now?.kind === 'stranger' }, 'A stranger: an id nobody has seen'),
      h('option', { value: 'session', selected: now?.kind === 'session' }, 'An anonymous session'),
    ),
    people.length > 0 &&
      h(
        'optgroup',
        { label: 'People of the catalogue' },
        ...people.map((person) =>
          h('option', { value: `user:${person.id}`, selected: now?.kind === 'user' && now.id === person.id }, wording(person)),
        ),
      ),
  );
  return h('div', { class: 'who' }, h('label', { for: id }, 'For'), select);
}

function choose(value: string): void {
  if (value === 'stranger') setWho({ kind: 'stranger', id: `stranger-${randomId()}` });
  else if (value === 'session') setWho({ kind: 'session', id: `session-${randomId()}`, items: [] });
  else setWho({ kind: 'user', id: value.replace(/^user:/, '') });
}

function wording(person: Person): string {
  const attributes = describe(person.fields);
  const actions = person.actions === undefined ? '' : `${person.actions} actions`;
  const known = [attributes, actions].filter((part) => part !== '').join('; ');
  return known === '' ? person.id : `${person.id} (${known})`;
}
