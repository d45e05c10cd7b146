import type { ItemExplanation, ListItem } from '../answers.ts';
import { h, withProperty } from '../dom.ts';
import { figure, signed } from '../wording.ts';

const SHOWN = 8;

/** Where an item came from, what its score is made of, and what each rule did to it. */
export function explanationView(item: Pick<ListItem, 'score' | 'sources' | 'explanation'>): HTMLElement {
  return h(
    'div',
    { class: 'explanation' },
    h('h4', {}, 'Found by'),
    item.sources.length === 0
      ? h('p', { class: 'quiet' }, 'No source: a rule or the caller put it here.')
      : h(
          'ul',
          { class: 'plain' },
          ...item.sources.map(({ source, rank, score }) =>
            h('li', {}, h('strong', {}, source), ` at rank ${rank}, with ${figure(score)} there`),
          ),
        ),
    ...(item.explanation === undefined ? [] : [...scoreParts(item.explanation), ...ruleEffects(item.explanation)]),
    h('p', { class: 'quiet' }, `Final score ${figure(item.score)}`),
  );
}

function scoreParts({ relevance, contributions, method }: ItemExplanation): HTMLElement[] {
  const parts = Object.entries(contributions)
    .filter(([, part]) => part !== 0)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const heading = h('h4', {}, `Relevance ${figure(relevance)}`);
  if (parts.length === 0) return [heading];
  const rest = parts.slice(SHOWN).reduce((sum, [, part]) => sum + part, 0);
  const largest = Math.max(Math.abs(parts[0]?.[1] ?? 1), Math.abs(rest));
  const rows = parts.slice(0, SHOWN);
  const row = ([name, part]: readonly [string, number]) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      h(
        'td',
        { class: 'bar-cell' },
        withProperty(h('span', { class: part < 0 ? 'bar negative' : 'bar' }), '--part', Math.abs(part) / largest),
      ),
      h('td', { class: 'number' }, signed(part)),
    );
  return [
    heading,
    h(
      'table',
      { class: 'contributions' },
      h('caption', { class: 'visually-hidden' }, 'What the relevance is made of'),
      h('tbody', {}, ...rows.map(row), parts.length > SHOWN && row([`${parts.length - SHOWN} smaller parts`, rest])),
    ),
    ...(method === undefined ? [] : [h('p', { class: 'quiet' }, `The parts were made by ${method}.`)]),
  ];
}

function ruleEffects({ effects, pinnedAt }: ItemExplanation): HTMLElement[] {
  if (effects.length === 0 && pinnedAt === undefined) return [];
  return [
    h('h4', {}, 'Rules'),
    h(
      'ul',
      { class: 'plain' },
      pinnedAt !== undefined && h('li', {}, `Pinned to place ${pinnedAt}`),
      ...effects.map(({ rule, effect, before, after }) =>
        h('li', {}, h('strong', {}, rule), ` ${effect}`, before === after ? null : `: ${figure(before)} → ${figure(after)}`),
      ),
    ),
  ];
}
