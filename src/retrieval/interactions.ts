/**
 * Who did what with which item, as flat arrays: the entries of actor `a` are `offsets[a]` up to `offsets[a + 1]`, ordered by
 * time, equal times in the log's order. Items are ordinals of the catalogue's table.
 */
export interface Interactions {
  /** Entity keys (`user:ID`, `session:ID`), in ascending order. */
  readonly actors: readonly string[];
  /** Length: actors + 1. */
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  /** Milliseconds since the epoch. */
  readonly times: Float64Array;
  /** Index into `typeNames`. */
  readonly types: Uint16Array;
  readonly typeNames: readonly string[];
  /** Weight of the entry's event type. Only entries of positive weight are what someone wanted. */
  readonly weights: Float32Array;
  /** Rows of the catalogue: every entry of `items` is below it. */
  readonly itemCount: number;
}

/** One action, before it has a place in the arrays. */
export interface InteractionRow {
  readonly actor: string;
  readonly item: number;
  readonly time: number;
  readonly type: string;
}

/** Collects actions in any order; `finish` sorts them by actor and time. About 40 bytes a row, whatever the ids' length. */
export function interactionsBuilder(weights: Readonly<Record<string, number>>): {
  add(row: InteractionRow): void;
  finish(itemCount: number): Interactions;
} {
  const actorIndex = new Map<string, number>();
  const typeIndex = new Map<string, number>();
  let size = 0;
  let actor = new Int32Array(1024);
  let item = new Int32Array(1024);
  let time = new Float64Array(1024);
  let type = new Uint16Array(1024);
  const grow = () => {
    const capacity = actor.length * 2;
    actor = copyInto(new Int32Array(capacity), actor);
    item = copyInto(new Int32Array(capacity), item);
    time = copyInto(new Float64Array(capacity), time);
    type = copyInto(new Uint16Array(capacity), type);
  };
  return {
    add(row) {
      if (size === actor.length) grow();
      actor[size] = indexOf(actorIndex, row.actor);
      item[size] = row.item;
      time[size] = row.time;
      type[size] = indexOf(typeIndex, row.type);
      size++;
    },
    finish(itemCount) {
      const actors = [...actorIndex.keys()];
      const sortedActors = actors.map((_, index) => index).sort((a, b) => compareText(actors[a]!, actors[b]!));
      const place = new Int32Array(actors.length);
      for (const [rank, index] of sortedActors.entries()) place[index] = rank;
      const offsets = new Int32Array(actors.length + 1);
      for (let i = 0; i < size; i++) offsets[place[actor[i]!]! + 1]!++;
      for (let a = 0; a < actors.length; a++) offsets[a + 1]! += offsets[a]!;
      // By actor in the order they came, which is mostly that of time already; then each actor's own.
      const order = new Uint32Array(size);
      const next = offsets.slice(0, actors.length);
      for (let i = 0; i < size; i++) order[next[place[actor[i]!]!]!++] = i;
      for (let a = 0; a < actors.length; a++) sortByTime(order.subarray(offsets[a], offsets[a + 1]), time);
      const typeNames = [...typeIndex.keys()];
      const typeWeights = typeNames.map((name) => weights[name] ?? 0);
      const out = {
        actors: sortedActors.map((index) => actors[index]!),
        offsets,
        items: new Int32Array(size),
        times: new Float64Array(size),
        types: new Uint16Array(size),
        typeNames,
        weights: new Float32Array(size),
        itemCount,
      };
      for (let i = 0; i < size; i++) {
        const from = order[i]!;
        out.items[i] = item[from]!;
        out.times[i] = time[from]!;
        out.types[i] = type[from]!;
        out.weights[i] = typeWeights[type[from]!]!;
      }
      return out;
    },
  };
}

/** The same with only what happened before a time (milliseconds). */
export function before(interactions: Interactions, time: number): Interactions {
  const { offsets, times } = interactions;
  return selectEntries(interactions, (actor) => {
    let end = offsets[actor]!;
    while (end < offsets[actor + 1]! && times[end]! < time) end++;
    return end - offsets[actor]!;
  });
}

/** Keeps the first `keep(actor)` entries of every actor. */
export function selectEntries(interactions: Interactions, keep: (actor: number) => number): Interactions {
  const { actors, offsets } = interactions;
  const cut = new Int32Array(offsets.length);
  for (let a = 0; a < actors.length; a++) {
    cut[a + 1] = cut[a]! + Math.min(keep(a), offsets[a + 1]! - offsets[a]!);
  }
  const size = cut[actors.length]!;
  const out = {
    ...interactions,
    offsets: cut,
    items: new Int32Array(size),
    times: new Float64Array(size),
    types: new Uint16Array(size),
    weights: new Float32Array(size),
  };
  for (let a = 0; a < actors.length; a++) {
    const start = offsets[a]!;
    const end = start + cut[a + 1]! - cut[a]!;
    out.items.set(interactions.items.subarray(start, end), cut[a]);
    out.times.set(interactions.times.subarray(start, end), cut[a]);
    out.types.set(interactions.types.subarray(start, end), cut[a]);
    out.weights.set(interactions.weights.subarray(start, end), cut[a]);
  }
  return out;
}

/**
 * What the models read: entries of positive weight, a repeat of the entry just before it left out. The same rule turns a
 * request's history into the embedder's input, so that training and serving see one form.
 */
export function toSequences(interactions: Interactions): { offsets: Int32Array; items: Int32Array } {
  const { actors, offsets, items, weights } = interactions;
  const outOffsets = new Int32Array(actors.length + 1);
  const outItems = new Int32Array(items.length);
  let size = 0;
  for (let a = 0; a < actors.length; a++) {
    const start = size;
    for (let i = offsets[a]!; i < offsets[a + 1]!; i++) {
      if (weights[i]! <= 0 || (size > start && outItems[size - 1] === items[i])) continue;
      outItems[size] = items[i]!;
      size++;
    }
    outOffsets[a + 1] = size;
  }
  return { offsets: outOffsets, items: outItems.slice(0, size) };
}

export type Sequences = ReturnType<typeof toSequences>;

function sortByTime(order: Uint32Array, time: Float64Array): void {
  for (let i = 1; i < order.length; i++) {
    if (time[order[i]!]! < time[order[i - 1]!]!) {
      order.sort((a, b) => time[a]! - time[b]! || a - b);
      return;
    }
  }
}

function indexOf(index: Map<string, number>, key: string): number {
  const known = index.get(key);
  if (known !== undefined) return known;
  index.set(key, index.size);
  return index.size - 1;
}

function copyInto<T extends Int32Array | Float64Array | Uint16Array>(target: T, source: T): T {
  target.set(source);
  return target;
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
