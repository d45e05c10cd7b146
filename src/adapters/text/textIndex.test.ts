import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../catalogue/createCatalogue.ts';
import { type FieldDefinitions, fieldDefinitionSchema, type SearchConfig } from '../../config/schema.ts';
import { createPlanner } from '../../filters/planner.ts';
import { textIndexConformance } from '../../ports/conformance/textIndex.ts';
import { createTextIndex, openTextIndex } from './textIndex.ts';

textIndexConformance('the index in this process', (world) => openTextIndex({ ...world, config: { synonyms: [] } }));

const fields: FieldDefinitions = { title: fieldDefinitionSchema.parse({ type: 'text' }) };
const indexOf = (titles: readonly string[], config: Partial<SearchConfig> = {}, definitions = fields) => {
  const catalogue = createCatalogue(
    definitions,
    titles.map((title) => ({ id: title, fields: { title } })),
  );
  return createTextIndex({ catalogue, planner: createPlanner(catalogue), config: { synonyms: [], ...config } });
};
const asking = (...world: Parameters<typeof indexOf>) => {
  const index = indexOf(...world);
  return (query: string) => index.search(query, 10);
};
const searching = (...world: Parameters<typeof asking>) => {
  const ask = asking(...world);
  return async (query: string): Promise<string[]> => (await ask(query)).hits.map(({ id }) => id);
};

describe('the index in this process', () => {
  it('searches for synonyms, one way where they are one-way, the word itself first', async () => {
    const ids = searching(['Blue sofa', 'Blue couch', 'A phone', 'An iphone 15'], {
      synonyms: [{ words: ['sofa', 'couch'] }, { from: 'phone', to: ['iphone'] }],
    });
    expect(await ids('sofa')).toEqual(['Blue sofa', 'Blue couch']);
    expect(await ids('couch')).toEqual(['Blue couch', 'Blue sofa']);
    expect(await ids('phone')).toEqual(['A phone', 'An iphone 15']);
    expect((await ids('iphone'))[0]).toBe('An iphone 15');
  });

  it('reads names of several words as synonyms', async () => {
    const ids = searching(['TV stand', 'Television set', 'Set of knives'], {
      synonyms: [{ from: 'tv', to: ['television set'] }],
    });
    expect((await ids('tv')).slice(0, 2)).toEqual(['TV stand', 'Television set']);
  });

  it('prefers words that stand together, and titles that are the query', async () => {
    const ids = searching(['Star gazing and the wars of the roses', 'Star Wars', 'Star Wars: The Clone Wars']);
    expect((await ids('star wars'))[0]).toBe('Star Wars');
    expect((await ids('star wars'))[2]).toBe('Star gazing and the wars of the roses');
  });

  it('takes what is in quotes word for word, and says when nothing has it so', async () => {
    const titles = ['The Who live', 'Who let the dogs out', 'Red wine glass', 'Wine, red', 'Red or white wine', 'Runner'];
    const ask = asking(titles);
    const ids = searching(titles);
    expect(await ids('"red wine"')).toEqual(['Red wine glass']);
    expect(await ids('glass “wine, red”')).toEqual(['Wine, red']);
    expect(await ids('"the who"')).toEqual(['The Who live']);
    expect((await ids('"running"')).includes('Runner')).toBe(false);
    expect(await ask('"red wine"')).toMatchObject({ quoted: true, relaxed: undefined, total: 1 });
    const none = await ask('"white red wine"');
    expect(none).toMatchObject({ quoted: false, relaxed: 'quotes' });
    expect(none.hits[0]?.id).toBe('Red or white wine');
    // A quote that is still being typed is none.
    expect((await ask('"red wine')).quoted).toBe(false);
  });

  it('repairs nothing in quotes, and shows the rest of the query as it was typed', async () => {
    const ask = asking(['Garden hose', 'Garden chair', 'Gardan hat']);
    expect((await ask('Gardne Hose, "xyz"')).correctedQuery).toBe('garden Hose, "xyz"');
    expect((await ask('"gardne" hose')).correctedQuery).toBeNull();
  });

  it('says when no item has all the words of a short query', async () => {
    const ask = asking(['Red sofa', 'Blue chair']);
    expect((await ask('red chair')).relaxed).toBe('words');
    expect((await ask('red sofa')).relaxed).toBeUndefined();
    expect((await ask('nothing')).relaxed).toBeUndefined();
    const coded = asking(['Sony WH-1000XM4 headphones', 'Play station', 'Ball']);
    expect((await coded('wh1000xm4')).relaxed).toBeUndefined();
    expect((await coded('WH1000XM4 headphones')).relaxed).toBeUndefined();
    expect((await coded('wh1000xm4 ball')).relaxed).toBe('words');
  });

  it('takes apart what was written together, and joins what was written apart', async () => {
    const ids = searching(['Phone case black', 'Phone case red', 'Playstation 5', 'Television']);
    expect((await ids('phonecase')).sort()).toEqual(['Phone case black', 'Phone case red']);
    expect((await ids('play station'))[0]).toBe('Playstation 5');
  });

  it('finds a number with its unit, however they are written', async () => {
    const ids = searching(['USB stick 16 GB', 'USB stick 32GB', 'Cable 16 metres']);
    expect((await ids('16gb'))[0]).toBe('USB stick 16 GB');
    expect((await ids('32 gb'))[0]).toBe('USB stick 32GB');
  });

  it('matches codes as they are, written together or apart, and nothing that is near them', async () => {
    const titles = ['Lamp AB-1235', 'Lamp AB-77', 'Bulb QX 4410', 'Pack of 4 batteries', 'Garden-12 cover', 'Cable 1234 m'];
    const ids = searching(titles);
    for (const one of ['AB-1234', 'ab1234', 'AB-12345', 'XY-1235', 'QX-4411', '1236', 'abcd-1235'])
      expect([one, await ids(one)]).toEqual([one, []]);
    expect((await ids('ab-1235'))[0]).toBe('Lamp AB-1235');
    expect(await ids('qx4410')).toEqual(['Bulb QX 4410']);
    expect(await ids('qx-4410')).toEqual(['Bulb QX 4410']);
    // A code that is still being typed is no other code.
    expect((await ids('ab-123'))[0]).toBe('Lamp AB-1235');
    expect((await ids('lamp ab-1234')).sort()).toEqual(['Lamp AB-1235', 'Lamp AB-77']);
    expect(await ids('4-pack batteries')).toEqual(['Pack of 4 batteries']);
    expect(await ids('garden-13')).toEqual(['Garden-12 cover']);
  });

  it('says what of a query is code, and what is left to look for by meaning', async () => {
    const index = indexOf(['Lamp AB-1235', 'Red garden chair']);
    const ask = async (query: string) => {
      const meant: string[] = [];
      const { codes } = await index.search(query, 10, undefined, (text) => meant.push(text.trim()));
      return { codes, meant };
    };
    expect(await ask('AB-1234')).toEqual({ codes: ['AB-1234'], meant: [''] });
    expect(await ask('AB-1235')).toEqual({ codes: ['AB-1235'], meant: [''] });
    expect(await ask('gardne chair 99')).toEqual({ codes: ['99'], meant: ['garden chair'] });
    expect(await ask('lamp ab-1235')).toEqual({ codes: ['ab-1235'], meant: ['lamp ab-1235'] });
  });

  it('stems in the language of the field', async () => {
    const german = { title: fieldDefinitionSchema.parse({ type: 'text', language: 'de' }) };
    const ids = searching(['Rote Häuser am See', 'Grüne Wiese'], {}, german);
    expect(await ids('haus häusern')).toContain('Rote Häuser am See');
    expect(await ids('gruene wiesen')).toContain('Grüne Wiese');
  });

  it('repairs by the company a word keeps', async () => {
    const titles = [...Array.from({ length: 9 }, (_, i) => `Cable ${i}`), 'Dining table oak', 'Round table'];
    const ids = searching(titles);
    expect((await ids('dining xable'))[0]).toBe('Dining table oak');
  });
});
