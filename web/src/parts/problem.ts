import { ApiError } from '../api.ts';
import { h } from '../dom.ts';
import { setApiKey } from '../state.ts';

/** What went wrong, in words, with the named fields; asks for a key where the service wants one. */
export function problemBox(error: unknown): HTMLElement {
  const message = error instanceof Error ? error.message : String(error);
  const issues = error instanceof ApiError ? error.issues : [];
  const box = h(
    'div',
    { class: 'problem', role: 'alert' },
    h('p', {}, message),
    issues.length > 0 &&
      h(
        'ul',
        {},
        ...issues.map((issue) => h('li', {}, issue.path === '' ? null : h('code', {}, issue.path), ` ${issue.message}`)),
      ),
  );
  if (error instanceof ApiError && (error.status === 401 || error.status === 403)) box.append(keyForm());
  return box;
}

function keyForm(): HTMLElement {
  const input = h('input', { type: 'password', autocomplete: 'off', id: 'api-key' });
  return h(
    'form',
    {
      class: 'row',
      onsubmit: (event) => {
        event.preventDefault();
        setApiKey(input.value);
        location.reload();
      },
    },
    h('label', { for: 'api-key' }, 'API key'),
    input,
    h('button', { type: 'submit' }, 'Use it'),
  );
}
