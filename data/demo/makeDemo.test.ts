import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { importDataset } from '../../offline/stages/importDataset.ts';
import { openTables } from '../../src/adapters/duckdb/tables.ts';
import { MemoryEventLog } from '../../src/adapters/memory/eventLog.ts';
import { MemoryFeatureStore } from '../../src/adapters/memory/featureStore.ts';
import { silentProgress } from '../../src/cli/progress.ts';
import { loadConfig } from '../../src/config/load.ts';
import { readFilms } from './films.ts';
import { makeDemo } from './makeDemo.ts';
import { simulate } from './simulate.ts';

describe('the demo', () => {
  let folder = '';
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'winnow-demo-')), 'workspace');
    await makeDemo(folder);
  });

  it('imports whole: every film with an id of its own and a title, no bad row', async () => {
    const config = await loadConfig({ config: join(folder, 'winnow.yaml'), workspace: join(folder, 'data'), env: {} });
    const tables = await openTables();
    const [log, store] = [new MemoryEventLog(), new MemoryFeatureStore()];
    const report = await importDataset({ config, log, store, tables, clock: Date.now, progress: silentProgress });
    await tables.close();
    expect(report).toMatchObject({ items: 3201, users: 400, rejected: 0, skipped: 0 });
  });

  it('has the same people do the same things every time', async () => {
    const films = await readFilms();
    const [a, b] = [simulate(films, 1), simulate(films, 1)];
    expect(a.events).toEqual(b.events);
    expect(simulate(films, 2).events).not.toEqual(a.events);
    expect(new Set(films.map(({ id }) => id)).size).toBe(films.length);
    expect(films.every(({ title, year }) => title !== '' && year >= 1900 && year <= 2012)).toBe(true);
    expect(films.some(({ title }) => title === 'Léon')).toBe(true);
  });

  it('shows children and people of unknown age nothing that the policy forbids, and clicks only what was shown', async () => {
    const films = await readFilms();
    const { people, events } = simulate(films);
    const rating = new Map(films.map((film) => [film.id, film.rating]));
    const guarded = new Set(people.filter(({ age }) => age === undefined || age < 13).map(({ id }) => id));
    expect(guarded.size).toBeGreaterThan(people.length * 0.1);
    expect(
      events.filter(({ user, item }) => guarded.has(user) && !['G', 'PG', 'PG-13'].includes(rating.get(item) ?? '')),
    ).toEqual([]);
    const shown = new Set(events.filter(({ type }) => type === 'impression').map(({ request, item }) => `${request} ${item}`));
    expect(events.every(({ request, item }) => shown.has(`${request} ${item}`))).toBe(true);
    expect(events.every((event, i) => i === 0 || event.time >= (events[i - 1]?.time ?? 0))).toBe(true);
  });

  it('has position bias: the same film is clicked more often higher up', async () => {
    const { events } = simulate(await readFilms());
    const count = (type: string, places: readonly number[]) =>
      events.filter((event) => event.type === type && places.includes(event.position ?? 0)).length;
    const rate = (places: readonly number[]) => count('click', places) / count('impression', places);
    expect(rate([1, 2])).toBeGreaterThan(2 * rate([9, 10]));
  });

  it('leaves a demo that is there as it is, changed settings included', async () => {
    await writeFile(join(folder, 'rules.yaml'), '[]');
    await makeDemo(folder);
    expect(await readFile(join(folder, 'rules.yaml'), 'utf8')).toBe('[]');
  });
});
