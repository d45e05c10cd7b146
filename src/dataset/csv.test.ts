import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader, detectDelimiter } from './csv.ts';
import { Utf8Lines } from './utf8.ts';

/** Reads bytes cut into chunks of any size. */
function read(bytes: Uint8Array, chunk = bytes.length || 1, delimiter = ',') {
  const decoder = new Utf8Lines();
  const reader = new CsvReader(delimiter);
  const records = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    records.push(...reader.push(decoder.push(Buffer.from(bytes.subarray(at, at + chunk)))));
  }
  records.push(...reader.push(decoder.push(Buffer.alloc(0), true), true));
  return records;
}
const readText = (text: string, chunk?: number) => read(Buffer.from(text), chunk);

const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
const plain = (field: string) => (/[",\r\n]/.test(field) ? quoted(field) : field);
const fieldOf = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('007', '1e5', '', ' x ', '"', 'a,b', 'x\ny', 'x\r\ny', '\ufffd', 'ñ', '0x1F'),
);

describe('CsvReader', () => {
  it('gives back what was written, whatever it holds and wherever the chunks end', () => {
    const rows = fc.array(fc.array(fieldOf, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rows, fc.boolean(), fc.boolean(), fc.integer({ min: 1, max: 50 }), (table, always, crlf, chunk) => {
        const text = table.map((row) => row.map(always ? quoted : plain).join(',')).join(crlf ? '\r\n' : '\n');
        const records = readText(text, chunk);
        expect(records.map((record) => ('fields' in record ? record.fields : record))).toEqual(table);
      }),
      { numRuns: 500 },
    );
  });

  it('reads any bytes at all without failing, the same whatever the chunks', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x41, 0xff, 0xc3, 0xa9, 0xf0), { maxLength: 60 })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 20 }), (data, chunk) => {
        expect(read(data, chunk)).toEqual(read(data));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells the line on which a record begins', () => {
    const records = readText('a,b\n\n"x\ny",1\r\n2,3\n4\n');
    expect(records.map(({ line }) => line)).toEqual([1, 3, 5, 6]);
  });

  it('loses only the line that is malformed', () => {
    const records = readText('a,b\n"open,1\n2,3\n"x"y,4\n5,6\n');
    expect(records).toMatchObject([
      { line: 1 },
      { line: 2, reason: 'has text after a closing quote' },
      { line: 3, fields: ['2', '3'] },
      { line: 4, reason: 'has text after a closing quote' },
      { line: 5, fields: ['5', '6'] },
    ]);
    expect(readText('a,b\n1,"open\n2,3\n')).toMatchObject([
      { line: 1 },
      { line: 2, reason: 'has a quote that is not closed' },
      { line: 3, fields: ['2', '3'] },
    ]);
  });

  it('marks the line whose bytes are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('a\n'), Buffer.from([0x63, 0xe9, 0x0a]), Buffer.from('é\n')]);
    expect(read(bytes, 2)).toMatchObject([
      { fields: ['a'] },
      { line: 2, reason: 'is not valid UTF-8' },
      { line: 3, fields: ['é'] },
    ]);
  });

  it('drops a byte order mark, and skips a line without an end', () => {
    expect(readText('\ufeffid,b\n')).toMatchObject([{ fields: ['id', 'b'] }]);
    const long = readText(`a\n${'x'.repeat(3_000_000)}\nb\n`, 100_000);
    expect(long).toMatchObject([{ fields: ['a'] }, { line: 2, reason: 'is longer than 1 MB' }, { line: 3, fields: ['b'] }]);
  });
});

describe('detectDelimiter', () => {
  it.each([
    ['a,b,c', ','],
    ['a;b;c', ';'],
    ['a\tb\tc', '\t'],
    ['a|b', '|'],
    ['"a;b",c', ','],
    ['alone', ','],
  ])('of %j is %j', (header, delimiter) => {
    expect(detectDelimiter(header)).toBe(delimiter);
  });

  it('prefers the one that has the columns asked for', () => {
    expect(detectDelimiter('id;name, first, and last, all', ['id'])).toBe(';');
  });
});
