import type { OverlaidCandidate, Removal } from '../../src/domain/pipeline.ts';
import type { ActiveRule } from './active.ts';

/** Something of which a page may hold only so many: a value of a field, or items from a source. */
interface Limit {
  readonly rule: ActiveRule;
  readonly max: number;
  readonly keys: (candidate: OverlaidCandidate) => readonly string[];
}

/** A page in the making: how much of each limited thing is on it. */
class Window {
  readonly #limits: readonly Limit[];
  readonly #used: Map<string, number>[];

  constructor(limits: readonly Limit[]) {
    this.#limits = limits;
    this.#used = limits.map(() => new Map());
  }

  /** The rule that is in the way, if one is. */
  obstacle(candidate: OverlaidCandidate): ActiveRule | undefined {
    return this.#limits.find(({ max, keys }, i) => keys(candidate).some((key) => (this.#used[i]?.get(key) ?? 0) >= max))?.rule;
  }

  count(candidate: OverlaidCandidate): void {
    this.#limits.forEach(({ keys }, i) => {
      for (const key of keys(candidate)) this.#used[i]?.set(key, (this.#used[i]?.get(key) ?? 0) + 1);
    });
  }
}

function limitsOf(rules: readonly ActiveRule[]): readonly Limit[] {
  return rules.flatMap((rule): Limit[] => {
    const { action } = rule;
    if (action.kind === 'cap')
      return [{ rule, max: action.max, keys: once((it) => (rule.concerns(it) ? valuesOf(it, action.field) : [])) }];
    if (action.kind === 'quota' && action.max < Number.POSITIVE_INFINITY) {
      const keys = once((it) => (isFrom(it, action.source) && rule.concerns(it) ? [''] : []));
      return [{ rule, max: action.max, keys }];
    }
    return [];
  });
}

/** Asks once for each candidate: it is looked at again on every page it waits for. */
function once(keys: Limit['keys']): Limit['keys'] {
  const known = new Map<OverlaidCandidate, readonly string[]>();
  return (candidate) => {
    let found = known.get(candidate);
    if (!found) {
      found = keys(candidate);
      known.set(candidate, found);
    }
    return found;
  };
}

const isFrom = ({ hits }: OverlaidCandidate, source: string): boolean => hits.some((hit) => hit.source === source);

/** Values of a field as text, each once; none where it is missing. */
export function valuesOf({ item }: OverlaidCandidate, field: string): readonly string[] {
  const value = Object.hasOwn(item.fields, field) ? item.fields[field] : undefined;
  if (value === undefined) return [];
  return typeof value === 'object' ? [...new Set(value)] : [String(value)];
}

interface Windowed {
  readonly list: readonly OverlaidCandidate[];
  readonly removed: readonly Removal[];
}

/**
 * Makes the list of pages, each within every limit. What does not fit on a page waits for the next; when nothing that waits
 * fits any more on a page that is not full, the list ends there.
 * @param flow candidates without a slot of their own, in order
 * @param pinned by place in the list, counted from 0
 */
export function fillWindows(
  flow: readonly OverlaidCandidate[],
  pinned: ReadonlyMap<number, OverlaidCandidate>,
  rules: readonly ActiveRule[],
  pageSize: number,
): Windowed {
  const limits = limitsOf(rules);
  const minimums = rules.filter(({ action }) => action.kind === 'quota' && action.min > 0);
  const list: OverlaidCandidate[] = [];
  const removed: Removal[] = [];
  let waiting: readonly OverlaidCandidate[] = flow;
  if (limits.length === 0 && minimums.length === 0)
    return { list: interleave(flow, pinned, 0, flow.length + pinned.size), removed };
  for (let start = 0; waiting.length > 0 || list.length < flow.length + pinned.size - removed.length; start += pageSize) {
    const own = within(pinned, start, start + pageSize);
    const later = within(pinned, start + pageSize, Number.POSITIVE_INFINITY);
    const room = pageSize - own.size;
    let filled = fillWindow(limits, [...own.values()], waiting, room, minimums);
    const isLast = filled.items.length < room;
    // The list ends on this page, so the pins of later ones move up to its end, and count.
    if (isLast && later.size > 0) filled = fillWindow(limits, [...own.values(), ...later.values()], waiting, room, minimums);
    list.push(...interleave(filled.items, own, start, filled.items.length + own.size));
    waiting = filled.rest;
    if (isLast) {
      list.push(...later.values());
      for (const { candidate, rule } of filled.blocked) removed.push({ id: candidate.id, stage: 'rules', reason: rule.id });
      break;
    }
  }
  return { list, removed };
}

/** The pins of some places, in the order of their places. */
const within = (
  pinned: ReadonlyMap<number, OverlaidCandidate>,
  from: number,
  to: number,
): ReadonlyMap<number, OverlaidCandidate> =>
  new Map([...pinned].filter(([at]) => at >= from && at < to).sort(([a], [b]) => a - b));

interface Filled {
  readonly items: readonly OverlaidCandidate[];
  readonly rest: readonly OverlaidCandidate[];
  readonly blocked: readonly { readonly candidate: OverlaidCandidate; readonly rule: ActiveRule }[];
}

/** Takes the first that fit, keeping room for the sources that must have their share. */
function fillWindow(
  limits: readonly Limit[],
  pins: readonly OverlaidCandidate[],
  waiting: readonly OverlaidCandidate[],
  room: number,
  minimums: readonly ActiveRule[],
): Filled {
  const window = new Window(limits);
  for (const pin of pins) window.count(pin);
  const chosen = reserve(window, waiting, room, minimums);
  const blocked: { candidate: OverlaidCandidate; rule: ActiveRule }[] = [];
  const taken = new Set<OverlaidCandidate>(chosen);
  let free = room - chosen.size;
  for (const candidate of waiting) {
    if (free === 0) break;
    if (taken.has(candidate)) continue;
    const rule = window.obstacle(candidate);
    if (rule) blocked.push({ candidate, rule });
    else {
      free--;
      window.count(candidate);
      taken.add(candidate);
    }
  }
  return {
    items: waiting.filter((candidate) => taken.has(candidate)),
    rest: waiting.filter((candidate) => !taken.has(candidate)),
    blocked,
  };
}

/** The best of each source that has a minimum, as many as it asks for and there is room for. */
function reserve(
  window: Window,
  waiting: readonly OverlaidCandidate[],
  room: number,
  minimums: readonly ActiveRule[],
): ReadonlySet<OverlaidCandidate> {
  const chosen = new Set<OverlaidCandidate>();
  for (const rule of minimums) {
    const { action } = rule;
    if (action.kind !== 'quota') continue;
    let missing = action.min;
    for (const candidate of waiting) {
      if (missing === 0 || chosen.size === room) break;
      if (!isFrom(candidate, action.source) || !rule.concerns(candidate)) continue;
      if (chosen.has(candidate)) missing--;
      else if (!window.obstacle(candidate)) {
        window.count(candidate);
        chosen.add(candidate);
        missing--;
      }
    }
  }
  return chosen;
}

/** Puts what has a place there, and the others around it; places beyond the end move up to it. */
function interleave(
  flow: readonly OverlaidCandidate[],
  pinned: ReadonlyMap<number, OverlaidCandidate>,
  start: number,
  length: number,
): OverlaidCandidate[] {
  const list: OverlaidCandidate[] = [];
  const placed = new Set<number>();
  let next = 0;
  for (let at = start; list.length < length && (next < flow.length || pinned.has(at)); at++) {
    const own = pinned.get(at);
    const candidate = own ?? flow[next++];
    if (own) placed.add(at);
    if (candidate) list.push(candidate);
  }
  for (const [at, candidate] of [...pinned].sort(([a], [b]) => a - b)) if (!placed.has(at)) list.push(candidate);
  return list;
}
