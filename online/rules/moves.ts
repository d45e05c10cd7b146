import type { ItemId } from '../../src/domain/item.ts';

/** How one item fares under a change of rules; places count from 1 and are absent where it is not on the list. */
export interface Move {
  readonly id: ItemId;
  readonly kind: 'entered' | 'left' | 'up' | 'down';
  readonly before?: number;
  readonly after?: number;
}

/** What moved between two lists, in the order of the new one, then what left it. */
export function moves(before: readonly { readonly id: ItemId }[], after: readonly { readonly id: ItemId }[]): readonly Move[] {
  const places = new Map(before.map(({ id }, i) => [id, i + 1]));
  const stays = new Set(after.map(({ id }) => id));
  const moved = after.flatMap(({ id }, i): Move[] => {
    const was = places.get(id);
    if (was === undefined) return [{ id, kind: 'entered', after: i + 1 }];
    return was === i + 1 ? [] : [{ id, kind: was > i + 1 ? 'up' : 'down', before: was, after: i + 1 }];
  });
  const left = before.flatMap(({ id }, i): Move[] => (stays.has(id) ? [] : [{ id, kind: 'left', before: i + 1 }]));
  return [...moved, ...left];
}
