import { h } from './dom.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'winnow.theme';
const isTheme = (value: string | null): value is Theme => THEMES.some((theme) => theme === value);

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return isTheme(value) ? value : 'auto';
}

function apply(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

/** Follows the system until told otherwise, and remembers. */
export function themeControl(): HTMLElement {
  apply(stored());
  const select = h(
    'select',
    {
      'aria-label': 'Theme',
      class: 'theme',
      onchange: () => {
        if (!isTheme(select.value)) return;
        localStorage.setItem(KEY, select.value);
        apply(select.value);
      },
    },
    ...THEMES.map((theme) => h('option', { value: theme, selected: theme === stored() }, `${theme} theme`)),
  );
  return select;
}
