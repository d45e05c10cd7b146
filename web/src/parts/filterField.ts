import { ApiError } from '../api.ts';
import { fill, h, uniqueId } from '../dom.ts';

/** A field for a CEL expression that shows the service's objections where they belong. */
export function filterField(options: { value: string; example: string; onChange: (filter: string) => void }): {
  element: HTMLElement;
  input: HTMLInputElement;
  showError: (error: unknown) => boolean;
} {
  const id = uniqueId('filter');
  const complaint = h('div', { class: 'complaint', id: `${id}-error`, role: 'alert' });
  const input = h('input', {
    id,
    type: 'text',
    class: 'code',
    placeholder: options.example,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    'aria-describedby': `${id}-error`,
    onchange: () => options.onChange(input.value.trim()),
  });
  input.value = options.value;
  /** @returns whether the error was about the filter; undefined or another error clears the field */
  const showError = (error: unknown): boolean => {
    const issue = error instanceof ApiError ? error.issues.find(({ path }) => path.split('.').at(-1) === 'filter') : undefined;
    input.toggleAttribute('aria-invalid', issue !== undefined);
    if (issue === undefined) {
      fill(complaint);
      return false;
    }
    const column = issue.column ?? 0;
    fill(
      complaint,
      h('p', {}, issue.message),
      column > 0 && h('pre', { 'aria-hidden': 'true' }, `${input.value}\n${' '.repeat(column - 1)}^`),
    );
    return true;
  };
  return { element: h('div', { class: 'filter' }, h('label', { for: id }, 'Filter'), input, complaint), input, showError };
}
