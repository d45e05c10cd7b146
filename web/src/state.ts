/** Whose list the page asks for. */
export type Who =
  | { readonly kind: 'user'; readonly id: string }
  /** An id the service has never seen. */
  | { readonly kind: 'stranger'; readonly id: string }
  /** Nobody signed in: what they touched travels with the request. */
  | { readonly kind: 'session'; readonly id: string; readonly items: readonly string[] };

const listeners = new Set<() => void>();
let current: Who | undefined;

export const who = (): Who | undefined => current;

/** Random enough to be new, and available without a secure context. */
export const randomId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export function setWho(next: Who): void {
  current = next;
  for (const listener of listeners) listener();
}

export function onWho(listener: () => void): void {
  listeners.add(listener);
}

/** Query parameters that say whose list it is. */
export function whoParameters(): { userId?: string; sessionItems?: string } {
  if (current === undefined) return {};
  if (current.kind === 'session') return current.items.length === 0 ? {} : { sessionItems: current.items.join(',') };
  return { userId: current.id };
}

/** The actor of an event. */
export function actor(): { userId: string } | { sessionId: string } {
  if (current === undefined) return { sessionId: randomId() };
  return current.kind === 'session' ? { sessionId: current.id } : { userId: current.id };
}

/** What an anonymous session touched, newest last. */
export function rememberInSession(itemId: string): void {
  if (current?.kind === 'session')
    current = { ...current, items: [...current.items.filter((id) => id !== itemId), itemId].slice(-20) };
}

const KEY = 'winnow.apiKey';
export const apiKey = (): string => sessionStorage.getItem(KEY) ?? '';
export const setApiKey = (key: string): void => sessionStorage.setItem(KEY, key);
