import { eventWeights } from '../config/eventWeights.ts';
import type { LoopConfig } from '../config/schema.ts';
import { UserError } from '../domain/errors.ts';
import type { CatalogueChange, EnrichedEvent } from '../domain/event.ts';
import type { JsonValue } from '../domain/json.ts';
import { type EntityKey, type EntityState, entityKey } from '../domain/state.ts';
import type { StateFeature } from '../features/feature.ts';
import { actorKey, affectedKeys, applyEvent, mergeStates } from '../features/state/apply.ts';
import type { LogRecord } from '../ports/eventLog.ts';
import type { FeatureStore, StoreCommit } from '../ports/featureStore.ts';
import { type Erasures, erasureTime, readErasures, withErasure } from './erasures.ts';
import { EventIds } from './eventIds.ts';
import { NEWEST, type Newest, readNewest, withNewest } from './newest.ts';
import { ALIAS, aliasOf, EVENT_IDS, MERGED, mergedInto, withEntries } from './reserved.ts';
import { catalogueChangeSchema, enrichedEventSchema } from './schemas.ts';

export const FEATURE_TIME = 'featureTime';
export const ERASURES = 'erasures';

export interface EffectsConfig {
  readonly eventTypes: Readonly<Record<string, { readonly weight: number }>>;
  readonly loop: Pick<LoopConfig, 'deduplicationMinutes'>;
}

export interface BatchParts {
  readonly store: FeatureStore;
  readonly features: readonly StateFeature[];
  readonly config: EffectsConfig;
}

type Parsed = { readonly event: EnrichedEvent } | { readonly change: CatalogueChange };

/** A batch's records applied to the states they touch, in memory: what comes out goes into one commit. */
export class Batch {
  readonly #parts: BatchParts;
  readonly #weights: Readonly<Record<string, number>>;
  readonly #states: Map<EntityKey, EntityState>;
  readonly #loaded: Map<EntityKey, EntityState>;
  readonly #parsed: Map<LogRecord, Parsed>;
  readonly #deleted = new Set<EntityKey>();
  readonly #ids = new Map<EntityKey, EventIds>();
  #featureTime: number | undefined;
  readonly #erasuresBefore: Erasures;
  #erasures: Erasures;
  readonly #newestBefore: Newest;
  #newest: Newest;
  #now = 0;

  private constructor(
    parts: BatchParts,
    parsed: Map<LogRecord, Parsed>,
    states: Map<EntityKey, EntityState>,
    meta: { featureTime: number | undefined; erasures: Erasures; newest: Newest },
  ) {
    this.#parts = parts;
    this.#weights = eventWeights(parts.config);
    this.#parsed = parsed;
    this.#states = states;
    this.#loaded = new Map(states);
    this.#featureTime = meta.featureTime;
    this.#erasures = meta.erasures;
    this.#erasuresBefore = meta.erasures;
    this.#newest = meta.newest;
    this.#newestBefore = meta.newest;
  }

  /** Reads every state the records touch: one round trip, and another for those who have become somebody else. */
  static async load(parts: BatchParts, records: readonly LogRecord[]): Promise<Batch> {
    const parsed = new Map(records.map((record) => [record, parse(record)]));
    const keys = new Set<EntityKey>();
    for (const value of parsed.values())
      for (const key of 'event' in value ? affectedKeys(value.event) : changeKeys(value.change)) keys.add(key);
    const states = new Map<EntityKey, EntityState>();
    const read = async (wanted: readonly EntityKey[]): Promise<void> => {
      if (wanted.length === 0) return;
      const found = await parts.store.getMany(wanted);
      wanted.forEach((key, i) => {
        const state = found[i];
        if (state !== undefined) states.set(key, state);
      });
    };
    const [featureTime, erasures, newest] = await Promise.all([
      parts.store.getMeta(FEATURE_TIME),
      parts.store.getMeta(ERASURES),
      parts.store.getMeta(NEWEST),
      read([...keys]),
    ]);
    for (;;) {
      const aliases = [...states.values()].flatMap((state) => aliasOf(state) ?? []).filter((key) => !keys.has(key));
      if (aliases.length === 0) break;
      await read(aliases);
      for (const key of aliases) keys.add(key);
    }
    const meta = {
      featureTime: typeof featureTime === 'number' ? featureTime : undefined,
      erasures: readErasures(erasures),
      newest: readNewest(newest),
    };
    return new Batch(parts, parsed, states, meta);
  }

  /** An action or an impression: nothing if its actor was erased after it was logged, or if it was here before. */
  applyEvent(record: LogRecord): void {
    const value = this.#parsed.get(record);
    if (value === undefined || !('event' in value)) return;
    this.#now = Math.max(this.#now, record.appendedAt);
    const event = this.#forAlias(value.event);
    const actor = actorKey(event);
    for (const key of [actorKey(value.event), actor]) {
      // An import brings back nothing that happened before the erasure either.
      if (key !== undefined && erasureTime(this.#erasures, key) >= Math.min(record.appendedAt, event.occurredAt)) return;
    }
    if (event.origin !== 'import' && !this.#remember(actor ?? affectedKeys(event)[0], event.id, record.appendedAt)) return;
    applyEvent(this.#parts.features, this.#states, event, this.#weights);
    this.#newest = withNewest(this.#newest, event.kind === 'action' ? 'actions' : 'impressions', record.appendedAt);
    if (event.kind === 'action') this.#featureTime = Math.max(this.#featureTime ?? event.occurredAt, event.occurredAt);
  }

  applyChange(record: LogRecord): void {
    const value = this.#parsed.get(record);
    if (value === undefined || !('change' in value)) return;
    this.#now = Math.max(this.#now, record.appendedAt);
    this.#newest = withNewest(this.#newest, 'catalogue', record.appendedAt);
    const { change } = value;
    if (change.kind === 'item.put') this.#putFields(entityKey('item', change.item.id), change.item.fields);
    else if (change.kind === 'user.put') this.#putFields(entityKey('user', change.user.id), change.user.fields);
    else if (change.kind === 'item.delete') this.#delete(entityKey('item', change.id));
    else if (change.kind === 'user.delete') this.#erase(entityKey('user', change.id), record.appendedAt);
    else this.#merge(actorKey(change.from), change.into);
  }

  /** What the batch changed. */
  effects(): Pick<StoreCommit, 'puts' | 'deletes' | 'meta'> {
    for (const [key, ids] of this.#ids) {
      if (!ids.changed || this.#deleted.has(key)) continue;
      const stored = ids.stored(this.#now, this.#parts.config.loop.deduplicationMinutes);
      this.#states.set(key, withEntries(this.#states.get(key), { [EVENT_IDS]: stored }));
    }
    const puts = new Map<EntityKey, EntityState>();
    for (const [key, state] of this.#states) if (this.#loaded.get(key) !== state) puts.set(key, state);
    const meta: Record<string, JsonValue> = {};
    if (this.#erasures !== this.#erasuresBefore) meta[ERASURES] = this.#erasures;
    if (this.#newest !== this.#newestBefore) meta[NEWEST] = { ...this.#newest };
    if (this.#featureTime !== undefined) meta[FEATURE_TIME] = this.#featureTime;
    return { puts, deletes: [...this.#deleted].filter((key) => !puts.has(key)), meta };
  }

  #forAlias(event: EnrichedEvent): EnrichedEvent {
    const from = actorKey(event);
    const key = from === undefined ? undefined : this.#resolve(from);
    return key === undefined || key === from ? event : { ...event, userId: key.slice('user:'.length) };
  }

  /** Who somebody is by now: a session that became a user, who may have become another. Merges in a circle end where they began. */
  #resolve(from: EntityKey): EntityKey {
    const passed = new Set<EntityKey>();
    let key = from;
    while (!passed.has(key)) {
      passed.add(key);
      key = aliasOf(this.#states.get(key)) ?? key;
    }
    return key;
  }

  #remember(key: EntityKey | undefined, id: string, at: number): boolean {
    if (key === undefined) return true;
    let ids = this.#ids.get(key);
    if (ids === undefined) {
      ids = new EventIds(this.#states.get(key)?.features[EVENT_IDS]);
      this.#ids.set(key, ids);
    }
    return ids.add(id, at);
  }

  #putFields(key: EntityKey, fields: EntityState['fields']): void {
    this.#deleted.delete(key);
    this.#states.set(key, { fields: fields ?? {}, features: this.#states.get(key)?.features ?? {} });
  }

  #delete(key: EntityKey): void {
    this.#states.delete(key);
    this.#ids.delete(key);
    this.#deleted.add(key);
  }

  /** Forgets the user and every session that became the user, and remembers until when what they did does not count. */
  #erase(key: EntityKey, at: number): void {
    const all = [key, ...mergedInto(this.#states.get(key)).filter(isActorKey)];
    for (const entity of all) {
      this.#delete(entity);
      this.#erasures = withErasure(this.#erasures, entity, at);
    }
  }

  #merge(from: EntityKey | undefined, into: string): void {
    const target = this.#resolve(entityKey('user', into));
    if (from === undefined || this.#resolve(from) === target) return;
    const fromState = this.#states.get(from);
    const intoState = this.#states.get(target) ?? { features: {} };
    const merged = [...new Set([...mergedInto(intoState), ...mergedInto(fromState), from])];
    const both = fromState === undefined ? intoState : mergeStates(this.#parts.features, fromState, intoState);
    const ids = this.#ids.get(from);
    this.#deleted.delete(target);
    this.#states.set(
      target,
      withEntries(both, { [MERGED]: merged, [ALIAS]: undefined, [EVENT_IDS]: joinIds(fromState, intoState) }),
    );
    if (ids !== undefined) this.#ids.delete(from);
    this.#ids.delete(target);
    this.#deleted.delete(from);
    this.#states.set(from, { features: { [ALIAS]: target.slice('user:'.length) } });
  }
}

function joinIds(a: EntityState | undefined, b: EntityState): JsonValue | undefined {
  const lists = [a?.features[EVENT_IDS], b.features[EVENT_IDS]].flatMap((list) => (Array.isArray(list) ? list : []));
  return lists.length === 0 ? undefined : lists;
}

const isActorKey = (key: string): key is EntityKey => key.startsWith('user:') || key.startsWith('session:');

function changeKeys(change: CatalogueChange): EntityKey[] {
  if (change.kind === 'item.put') return [entityKey('item', change.item.id)];
  if (change.kind === 'item.delete') return [entityKey('item', change.id)];
  if (change.kind === 'user.put') return [entityKey('user', change.user.id)];
  if (change.kind === 'user.delete') return [entityKey('user', change.id)];
  const from = actorKey(change.from);
  return from === undefined ? [entityKey('user', change.into)] : [from, entityKey('user', change.into)];
}

/** @throws UserError: such a record cannot have come from this project's writers, so going on would lose it silently */
function parse(record: LogRecord): Parsed {
  const event = enrichedEventSchema.safeParse(record.value);
  if (event.success) return { event: event.data };
  const change = catalogueChangeSchema.safeParse(record.value);
  if (change.success) return { change: change.data };
  throw new UserError(
    `the log's record ${record.partition}/${record.offset} is neither an event nor a change: ${event.error.message}`,
  );
}
