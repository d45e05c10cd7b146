import { join } from 'node:path';
import type { Progress } from '../../src/cli/progress.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { EventLog } from '../../src/ports/eventLog.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import type { Tables } from '../../src/ports/tables.ts';
import { type CatalogueState, readCatalogueState } from '../dataset/catalogueState.ts';
import { sourceFingerprint } from '../dataset/fingerprint.ts';
import { importEntities } from '../dataset/importEntities.ts';
import { importEvents } from '../dataset/importEvents.ts';
import { type ImportRecord, lastImport, recordImport } from '../dataset/importRecord.ts';
import { type EntitySource, readEntities } from '../dataset/readEntities.ts';
import { Rejects } from '../dataset/rejects.ts';

export interface ImportOptions {
  readonly config: Config;
  readonly log: EventLog;
  /** Keeps what was imported last; the effects on entities come from the log's consumer. */
  readonly store: FeatureStore;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly progress: Progress;
}

export interface ImportReport {
  /** Items and users in the files. */
  readonly items: number;
  readonly users: number;
  /** Changes of items and users appended to the log: those that differ from the last import. */
  readonly changes: number;
  /** Events appended to the log. */
  readonly events: number;
  /** Bad rows, set aside in the workspace's `rejects` folder. */
  readonly rejected: number;
  /** Events of the file that the log had already. */
  readonly skipped: number;
  /** Whether no file differs from the last import, so that none was read again. */
  readonly unchanged: boolean;
}

/**
 * Brings the files' items, users and events into the log, through the same records as live calls. Importing twice changes
 * nothing: items and users are compared with the last import, events are known by their ids.
 * @throws UserError where a file is missing or too many of its rows are bad; then nothing of that file was appended
 */
export async function importDataset({ config, log, store, tables, clock, progress }: ImportOptions): Promise<ImportReport> {
  const { dataset } = config;
  for (const source of [dataset.items, dataset.users, dataset.events])
    if (source !== undefined) await tables.columns(source.source);
  const fingerprints = await fingerprintsOf(config);
  const last = await lastImport(store, log);
  if (last !== undefined && same(last.fingerprints, fingerprints)) {
    progress.note('the files are as they were at the last import');
    const { items, users, rejected } = last;
    return { items, users, rejected, changes: 0, events: 0, skipped: 0, unchanged: true };
  }
  const folder = join(config.workspace, 'rejects');
  const open: Rejects[] = [];
  const rejectsOf = (name: string, source: string): Rejects => {
    const rejects = new Rejects(source, folder, name, config.dataset.maxRejects);
    open.push(rejects);
    return rejects;
  };
  try {
    const state = await readCatalogueState(log);
    const { items, users, changes } = await importCatalogue({ config, log, tables, state, rejectsOf, progress });
    const { appended, skipped } = await importLog({ config, log, tables, state, rejectsOf, progress, clock });
    const rejected = open.reduce((sum, { count }) => sum + count, 0);
    for (const { count, path } of open) if (count > 0) progress.note(`${count} bad rows are set aside in ${path}`);
    await recordImport(store, log, { fingerprints, items, users, rejected });
    return { items, users, changes, events: appended, skipped, rejected, unchanged: false };
  } finally {
    for (const rejects of open) await rejects.abandon();
  }
}

type Step = Pick<ImportOptions, 'config' | 'log' | 'tables' | 'progress'> & {
  readonly state: CatalogueState;
  readonly rejectsOf: (name: string, source: string) => Rejects;
};

/** Both files are read and found good before anything of either is appended. */
async function importCatalogue({ config, log, tables, state, rejectsOf, progress }: Step) {
  const { items, users } = config.dataset;
  const read = (name: string, source: EntitySource) =>
    readEntities(tables, source, rejectsOf(name, source.source), (share) => progress.update(share * 0.1, 1, `reading ${name}`));
  const itemRows = await read('items', { ...items, fields: config.fields });
  const userRows = users === undefined ? undefined : await read('users', { ...users, fields: config.userFields });
  let changes = await importEntities('item', itemRows, state.items, log);
  if (userRows !== undefined) changes += await importEntities('user', userRows, state.users, log);
  return { items: itemRows.size, users: userRows?.size ?? 0, changes };
}

async function importLog({ config, log, tables, state, rejectsOf, progress, clock }: Step & { readonly clock: Clock }) {
  const { events } = config.dataset;
  if (events === undefined) return { appended: 0, skipped: 0 };
  const report = await importEvents(tables, log, {
    source: events,
    eventTypes: config.eventTypes,
    isItem: (id) => state.items.present.has(id),
    erased: state.erased,
    rejects: rejectsOf('events', events.source),
    clock,
    onProgress: (share, detail) => progress.update(0.1 + share * 0.9, 1, detail),
  });
  if (events.time.unit === 'auto' && report.newest !== null && report.oldest !== null && report.newest < SECONDS_LOOK_LIKE) {
    progress.note('every event is from before 1973: if the times are in seconds, set time: { column, unit: s }');
  }
  return report;
}

/** The present moment in seconds, taken for milliseconds, is a day in January 1970. */
const SECONDS_LOOK_LIKE = 1e11;

async function fingerprintsOf(config: Config): Promise<ImportRecord['fingerprints']> {
  const { items, users, events } = config.dataset;
  const { fields, userFields, eventTypes } = config;
  return {
    items: await sourceFingerprint(items.source, { id: items.id, fields: { ...fields } }),
    users: users === undefined ? null : await sourceFingerprint(users.source, { id: users.id, userFields: { ...userFields } }),
    events:
      events === undefined
        ? null
        : await sourceFingerprint(events.source, { columns: { ...events, source: null }, types: Object.keys(eventTypes) }),
  };
}

const same = (a: ImportRecord['fingerprints'], b: ImportRecord['fingerprints']): boolean =>
  a.items === b.items && a.users === b.users && a.events === b.events;
