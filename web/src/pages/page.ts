import type { About } from '../answers.ts';

/** What every page is given. */
export interface PageContext {
  readonly about: About;
  readonly parameters: URLSearchParams;
}

export interface Page {
  readonly title: string;
  draw(context: PageContext): HTMLElement;
}
