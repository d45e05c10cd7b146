import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLmdbFeatureStore } from '../../src/adapters/lmdb/featureStore.ts';
import { environment } from '../../src/filters/testing.ts';
import type { FeatureStore } from '../../src/ports/featureStore.ts';
import { createRuleBook, type RuleBook } from './ruleBook.ts';

describe('rule book', () => {
  let folder: string;
  let store: FeatureStore;
  const hide = (id: string) => [{ id, where: 'item.id == "a"', hide: true }];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-rules-'));
    store = await openLmdbFeatureStore(join(folder, 'store'));
    await writeFile(join(folder, 'policies.yaml'), '- id: adults\n  when: user.age < 18\n  deny: item.brand == "Acme"\n');
    await writeFile(
      join(folder, 'rules.yaml'),
      '- { id: less, where: \'item.brand == "Acme"\', multiply: 0.5, until: 2027-01-01 }\n',
    );
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const openBook = (): Promise<RuleBook> =>
    createRuleBook({
      store,
      clock: () => 1_700_000_000_000,
      environment,
      files: { policies: join(folder, 'policies.yaml'), rules: join(folder, 'rules.yaml') },
    });

  it('begins with the files, and takes them again when they were edited', async () => {
    const book = await openBook();
    expect(book.current()).toMatchObject({ version: 1, etag: '"1"', by: 'files', at: '2023-11-14T22:13:20.000Z' });
    expect(book.current().policies.constraints).toHaveLength(1);
    expect(book.current().rules.rules[0]).toMatchObject({ id: 'less', until: Date.parse('2027-01-01') });
    expect((await openBook()).current().version).toBe(1);
    await book.put({ rules: hide('x'), policies: [] }, { by: 'eve' });
    expect((await openBook()).current().version).toBe(2);
    await writeFile(join(folder, 'rules.yaml'), '');
    expect((await openBook()).current()).toMatchObject({ version: 3, by: 'files', source: { rules: [] } });
  });

  it('publishes whole, to every process, and refuses whole', async () => {
    const [one, two] = [await openBook(), await openBook()];
    await expect(
      one.put({ rules: [{ id: 'x', where: 'item.colour == 1', hide: true }], policies: [{ id: 'p' }] }, { by: 'eve' }),
    ).rejects.toMatchObject({
      status: 400,
      issues: [{ path: 'policies[0].deny' }, { path: 'rules[0].where' }],
    });
    expect(one.current().version).toBe(1);
    expect((await one.put({ rules: hide('x'), policies: [] }, { by: 'eve' })).version).toBe(2);
    const stop = new AbortController();
    const running = two.run(stop.signal);
    await expect.poll(() => two.current().version, { timeout: 2_000 }).toBe(2);
    expect(two.current()).toMatchObject({ by: 'eve', source: { rules: hide('x'), policies: [] } });
    stop.abort();
    await running;
  });

  it('loses no update: an edit of an older version is refused', async () => {
    const [one, two] = [await openBook(), await openBook()];
    const edits = [one, two].map((book, i) =>
      book.put({ rules: hide(`r${i}`), policies: [] }, { ifMatch: '"1"', by: `editor ${i}` }),
    );
    const results = await Promise.allSettled(edits);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { status: 412 } });
    const many = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? one : two).put({ rules: hide(`m${i}`), policies: [] }, { by: `m${i}` }),
    );
    await Promise.all(many);
    const versions = await one.versions();
    expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: 22 }, (_, i) => 22 - i));
    expect(new Set(versions.map(({ by }) => by)).size).toBe(22);
  });

  it('rolls back to any version, as a new one', async () => {
    const book = await openBook();
    const files = book.current().source;
    await book.put({ rules: hide('x'), policies: [] }, { by: 'eve' });
    await book.put({ rules: hide('y'), policies: [] }, { by: 'eve' });
    expect(await book.rollback(undefined, { by: 'max' })).toMatchObject({ version: 4, by: 'max', source: { rules: hide('x') } });
    expect(await book.rollback(1, { by: 'max', ifMatch: '"4"' })).toMatchObject({ version: 5, source: files });
    await expect(book.rollback(77, { by: 'max' })).rejects.toMatchObject({ status: 404 });
  });

  it('refuses files that cannot be taken, by name', async () => {
    await writeFile(join(folder, 'rules.yaml'), '- { id: x, multiply');
    await expect(openBook()).rejects.toThrow(/rules\.yaml/);
    await writeFile(join(folder, 'rules.yaml'), '- { id: x, where: item.nope == 1, hide: true }');
    await expect(openBook()).rejects.toThrow(/rules\[0\]\.where: unknown field "item.nope"/);
    await rm(join(folder, 'policies.yaml'));
    await expect(openBook()).rejects.toThrow(/policies\.yaml/);
  });
});
