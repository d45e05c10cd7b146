/** A place in the page: `#/search?q=robots` is the page `search` with its parameters. */
export interface Place {
  readonly page: string;
  readonly parameters: URLSearchParams;
}

export function place(): Place {
  const [page, query] = location.hash.replace(/^#\/?/, '').split('?');
  return { page: page === undefined || page === '' ? 'recommend' : page, parameters: new URLSearchParams(query ?? '') };
}

export function link(page: string, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''));
  return query.size === 0 ? `#/${page}` : `#/${page}?${query}`;
}

/** Changes the address without a step in the history and without drawing the page anew. */
export function rewrite(page: string, parameters: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', link(page, parameters));
}
