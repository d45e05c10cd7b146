import { debounce, fill, h, uniqueId } from '../dom.ts';
import { announce } from './announce.ts';

export interface Choice {
  readonly text: string;
  readonly value: string;
  readonly detail?: string;
}

export interface ComboboxOptions {
  readonly label: string;
  /** Stands alone: its label is for those who do not see it. */
  readonly large?: boolean;
  readonly placeholder?: string;
  readonly value?: string;
  /** What to offer for what was typed so far. */
  readonly offer: (typed: string, signal: AbortSignal) => Promise<readonly Choice[]>;
  /** A choice was taken, or Enter pressed on the text itself (then `choice` is undefined). */
  readonly onTake: (typed: string, choice: Choice | undefined) => void;
  /** Arrow down with no list open: to where the results are. */
  readonly onLeaveDown?: () => void;
}

/** A text field with a list of offers below it: the ARIA combobox pattern with a listbox popup. */
export function combobox(options: ComboboxOptions): { element: HTMLElement; input: HTMLInputElement } {
  const id = uniqueId('combobox');
  const list = h('ul', { role: 'listbox', id: `${id}-list`, hidden: true, 'aria-label': `Suggestions for ${options.label}` });
  const input = h('input', {
    type: 'search',
    id,
    role: 'combobox',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': `${id}-list`,
    placeholder: options.placeholder ?? '',
  });
  input.value = options.value ?? '';
  let choices: readonly Choice[] = [];
  let active = -1;
  let pending = new AbortController();

  const close = () => {
    pending.abort();
    choices = [];
    paint();
  };
  const paint = () => {
    fill(
      list,
      ...choices.map((choice, i) =>
        h(
          'li',
          {
            role: 'option',
            id: `${id}-${i}`,
            'aria-selected': String(i === active),
            onmousedown: (event) => take(event, choice),
          },
          choice.text,
          choice.detail !== undefined && h('span', { class: 'quiet' }, ` ${choice.detail}`),
        ),
      ),
    );
    list.hidden = choices.length === 0;
    input.setAttribute('aria-expanded', String(choices.length > 0));
    if (active >= 0) input.setAttribute('aria-activedescendant', `${id}-${active}`);
    else input.removeAttribute('aria-activedescendant');
  };
  const take = (event: Event, choice: Choice | undefined) => {
    event.preventDefault();
    if (choice !== undefined) input.value = choice.text;
    active = -1;
    close();
    options.onTake(input.value, choice);
  };
  const refresh = debounce(90, async () => {
    pending.abort();
    pending = new AbortController();
    const { signal } = pending;
    if (input.value.trim() === '') return close();
    const offered = await options.offer(input.value, signal).catch(() => []);
    if (signal.aborted || document.activeElement !== input) return;
    choices = offered;
    active = -1;
    paint();
    announce(choices.length === 0 ? 'No suggestions' : `${choices.length} suggestions, arrow keys to choose`);
  });

  input.addEventListener('input', () => refresh());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') take(event, choices[active]);
    else if (event.key === 'Escape' && choices.length > 0) {
      event.preventDefault();
      close();
    } else if (event.key === 'ArrowDown' && choices.length === 0) {
      event.preventDefault();
      options.onLeaveDown?.();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && choices.length > 0) {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      active = ((active + 1 + step + choices.length + 1) % (choices.length + 1)) - 1;
      paint();
    }
  });
  const label = h('label', { for: id, class: options.large === true ? 'visually-hidden' : null }, options.label);
  return { element: h('div', { class: options.large === true ? 'combobox large' : 'combobox' }, label, input, list), input };
}
