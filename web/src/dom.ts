type Child = Node | string | number | null | undefined | false;
type Listener = (event: Event) => void;
type Attribute = string | number | boolean | null | undefined | Listener;

/**
 * An element with attributes and children. Text is always text, never markup. `on…` names with a function listen; true sets
 * an empty attribute; false, null and undefined leave it out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replaces what an element holds. */
export function fill(element: Element, ...children: readonly Child[]): void {
  const nodes = children.filter((child) => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...nodes.map((child) => (typeof child === 'number' ? String(child) : child)));
}

/** A custom property set through the object model, which a strict content security policy allows. */
export function withProperty<E extends HTMLElement>(element: E, name: `--${string}`, value: string | number): E {
  element.style.setProperty(name, String(value));
  return element;
}

/** Calls back once typing has paused. */
export function debounce<A extends readonly unknown[]>(
  milliseconds: number,
  callback: (...args: A) => void,
): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => callback(...args), milliseconds);
  };
}

let counter = 0;
/** An id for tying labels to controls. */
export const uniqueId = (prefix: string): string => {
  counter += 1;
  return `${prefix}-${counter}`;
};
