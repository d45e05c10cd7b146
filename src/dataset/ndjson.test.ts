import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NdjsonReader } from './ndjson.ts';

const read = (text: string, chunk = text.length || 1) => {
  const reader = new NdjsonReader();
  const records = [];
  for (let at = 0; at < text.length; at += chunk) records.push(...reader.push(text.slice(at, at + chunk)));
  return [...records, ...reader.push('', true)];
};

describe('NdjsonReader', () => {
  it('gives back what was written, wherever the blocks end', () => {
    const object = fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }))
      .filter((entry) => !/\d{16}/.test(JSON.stringify(entry)));
    fc.assert(
      fc.property(fc.array(object, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (objects, chunk) => {
        const text = objects.map((entry) => JSON.stringify(entry)).join('\n');
        const records = read(text, chunk).map((record) => ('object' in record ? JSON.stringify(record.object) : record.reason));
        expect(records).toEqual(objects.map((entry) => JSON.stringify(JSON.parse(JSON.stringify(entry)))));
      }),
    );
  });

  it('keeps numbers that a double cannot hold', () => {
    expect(read('{"id":12345678901234567890,"n":1.5,"t":"say 12345678901234567890"}')).toMatchObject([
      { object: { id: '12345678901234567890', n: 1.5, t: 'say 12345678901234567890' } },
    ]);
  });

  it('names the line and what is wrong with it', () => {
    expect(read('{"a":1}\n\n[1]\n{"a":\nnull\n{"b":2}')).toMatchObject([
      { line: 1 },
      { line: 3, reason: 'is not a JSON object' },
      { line: 4, reason: expect.stringContaining('is not valid JSON') },
      { line: 5, reason: 'is not a JSON object' },
      { line: 6, object: { b: 2 } },
    ]);
  });
});
