/**
 * Text with its matches marked. The service sends escaped text whose only markup is `<mark>`; it is taken apart here and put
 * together as text nodes, so that nothing in it can become markup whatever was sent.
 */
export function highlighted(source: string): Node[] {
  const parts = source.split(/(<mark>|<\/mark>)/);
  const nodes: Node[] = [];
  let marked = false;
  for (const part of parts) {
    if (part === '<mark>') marked = true;
    else if (part === '</mark>') marked = false;
    else if (part !== '') nodes.push(marked ? mark(unescaped(part)) : document.createTextNode(unescaped(part)));
  }
  return nodes;
}

function mark(text: string): HTMLElement {
  const element = document.createElement('mark');
  element.textContent = text;
  return element;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", apos: "'" };

const unescaped = (text: string): string =>
  text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
