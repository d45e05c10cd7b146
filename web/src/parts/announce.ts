import { h } from '../dom.ts';

const region = h('div', { role: 'status', 'aria-live': 'polite', class: 'visually-hidden' });

/** Says something to those who do not see the change. */
export function announce(text: string): void {
  region.textContent = text;
}

export const liveRegion = (): HTMLElement => region;
