import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../domain/errors.ts';
import { loadConfig } from './load.ts';
import { parseConfig } from './parse.ts';

const MINIMAL = 'dataset:\n  items: { source: items.csv, id: item_id }\nfields:\n  title: { type: text }\n';

describe('loadConfig', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'winnow-config-'));
  });
  const load = async (text: string, env: Record<string, string> = {}) => {
    const config = join(folder, 'winnow.yaml');
    await writeFile(config, text);
    return loadConfig({ config, workspace: join(folder, 'data'), env });
  };

  it('fills in what a minimal file leaves out, with absolute paths', async () => {
    const config = await load(`${MINIMAL}policies: rules/p.yaml\ntraining: { textEncoder: 'onnx:models/minilm' }\n`);
    expect(config.dataset.items.source).toBe(join(folder, 'items.csv'));
    expect(config.policies).toBe(join(folder, 'rules/p.yaml'));
    expect(config.training.textEncoder).toBe(`onnx:${join(folder, 'models/minilm')}`);
    expect(config.eventTypes).toEqual({ click: { weight: 1 } });
    expect(config).toMatchObject({ store: { kind: 'lmdb' }, apiKeys: [], logLevel: 'info', root: folder });
  });

  it('keeps one cursor secret for a workspace, readable by its owner alone', async () => {
    const configs = await Promise.all([load(MINIMAL), load(MINIMAL), load(MINIMAL)]);
    expect(new Set(configs.map((config) => config.cursorSecret)).size).toBe(1);
    const path = join(folder, 'data', 'cursor-secret');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o600);
    await writeFile(path, 'short');
    await expect(load(MINIMAL)).rejects.toThrow('too short');
    expect((await load(MINIMAL, { WINNOW_CURSOR_SECRET: 'a secret of our own' })).cursorSecret).toBe('a secret of our own');
  });

  it('takes keys from the environment and keeps only their hashes', async () => {
    const { apiKeys } = await load(MINIMAL, { WINNOW_API_KEYS: 'shop:s3cret:read+write,ops:other:admin' });
    expect(apiKeys.map(({ name, scopes }) => [name, scopes])).toEqual([
      ['shop', ['read', 'write']],
      ['ops', ['admin']],
    ]);
    expect(JSON.stringify(apiKeys)).not.toContain('s3cret');
  });

  it('applies the environment to the kind the file has chosen, and to no other', async () => {
    const env = { REDIS_URL: 'redis://cache:6380', KAFKA_BROKERS: 'a:9092, b:9092', PORT: '8080', HOST: '0.0.0.0' };
    const remote = await load(`${MINIMAL}store: { kind: redis }\neventLog: { kind: kafka }\n`, env);
    expect(remote.store).toMatchObject({ url: 'redis://cache:6380' });
    expect(remote.eventLog).toMatchObject({ brokers: ['a:9092', 'b:9092'] });
    expect(remote).toMatchObject({ port: 8080, host: '0.0.0.0' });
    expect((await load(MINIMAL, env)).store).toEqual({ kind: 'lmdb' });
  });

  it.each([
    ['WINNOW_API_KEYS', 'shop:s3cret:reed', 'scopes of key "shop"'],
    ['WINNOW_API_KEYS', 'shop:s3cret', 'name:key:scope'],
    ['PORT', '99999', 'port from 0 to 65535'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL'],
    ['REDIS_URL', 'http://x', 'redis://'],
  ])('names a wrong variable without telling its value: %s=%s', async (name, value, message) => {
    const failure = load(MINIMAL, { [name]: value });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow('s3cret');
  });

  it('says what is missing, and what to do about it', async () => {
    await expect(loadConfig({ config: join(folder, 'nope.yaml'), env: {} })).rejects.toThrow('nope.yaml: there is no such file');
    await expect(loadConfig({ config: folder, env: {} })).rejects.toThrow('is a folder');
    await writeFile(join(folder, 'binary.yaml'), Buffer.from([0xff, 0xfe, 0, 1]));
    await expect(loadConfig({ config: join(folder, 'binary.yaml'), env: {} })).rejects.toThrow('not a UTF-8 text file');
  });

  it('takes events that have sessions and no users', async () => {
    const events = '  events: { source: e.csv, session: s, item: i, time: t }\n';
    const { dataset } = await load(MINIMAL.replace('fields:', `${events}fields:`));
    expect(dataset.events).toMatchObject({ session: 's' });
  });

  it('reads the demo of the repository', async () => {
    const text = await readFile(new URL('../../data/demo/winnow.yaml', import.meta.url), 'utf8');
    expect((await load(text)).eventTypes).toHaveProperty('purchase');
  });
});

describe('parseConfig', () => {
  const errorsOf = (text: string) => {
    try {
      parseConfig(text, 'winnow.yaml');
    } catch (error) {
      if (error instanceof UserError) return error.message.split('\n');
      throw error;
    }
    return [];
  };

  it.each([
    [
      'dataset:\n  items: { source: a.csv }\nfields: { t: { type: text } }',
      'winnow.yaml:2: dataset.items.id: is missing, expected a string',
    ],
    [`${MINIMAL}polices: p.yaml`, 'winnow.yaml:5: polices: unknown key "polices", did you mean "policies"?'],
    [
      `${MINIMAL}  year: { type: numbr }`,
      "winnow.yaml:5: fields.year.type: expected 'text' | 'category' | 'categories' | 'number' | 'boolean' | 'date'",
    ],
    [
      `${MINIMAL}  year: { type: number, facett: true }`,
      'winnow.yaml:5: fields.year.facett: unknown key "facett", did you mean "facet"?',
    ],
    [`${MINIMAL}  id: { type: text }`, 'winnow.yaml:5: fields.id: the name "id" is taken by the item id itself'],
    [`${MINIMAL}serving:\n  candidates: 3`, 'winnow.yaml:6: serving.candidates: too small: expected number to be >=10'],
    [
      `${MINIMAL}eventTypes: { impression: { weight: 1 } }`,
      'winnow.yaml:5: eventTypes: "impression" is built in and carries no weight',
    ],
    [
      'dataset: [',
      'winnow.yaml:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [`${MINIMAL}fields: {}`, 'winnow.yaml:5: not valid YAML: Map keys must be unique'],
    [
      'dataset:\n  items: { source: a.csv, id: x }\n  events: { source: e, item: i, time: t }\nfields: { t: { type: text } }',
      'winnow.yaml:3: dataset.events.user: is missing, expected a column of users, or `session` with one of sessions',
    ],
    ['just text', 'winnow.yaml:1: expected object, received string'],
  ])('names line, path and expectation: %j', (text, message) => {
    expect(errorsOf(text)).toEqual([message]);
  });

  it('names everything that is wrong, in the order of the file', () => {
    const text =
      'dataset:\n  items: { source: 3, id: x }\n  events: { source: e, user: u, item: i, time: { colum: t } }\nfields: {}\nstore: { kind: mongo }\n';
    expect(errorsOf(text).map((line) => line.split(': ').slice(0, 2).join(' '))).toEqual([
      'winnow.yaml:2 dataset.items.source',
      'winnow.yaml:3 dataset.events.time.column',
      'winnow.yaml:3 dataset.events.time.colum',
      'winnow.yaml:5 store.kind',
    ]);
  });

  it('never fails in another way than with a UserError', () => {
    const snippet = fc.constantFrom(
      'dataset:',
      '\n  ',
      'items: ',
      '{',
      '}',
      '[',
      '- ',
      '&a ',
      '*a ',
      '\0',
      '__proto__: 1\n',
      '? ',
      ': ',
      '!!js ',
      '1e999',
      '"',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(snippet, fc.string()), { maxLength: 30 }), (parts) => {
        expect(() => errorsOf(parts.join(''))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
