import { expect, it } from 'vitest';
import { npy } from './npy.ts';
import { bytes, integer, message } from './protobuf.ts';

it('writes integers and texts as the encoding’s own examples have them', () => {
  expect([...integer(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  expect([...integer(1, -1)]).toEqual([0x08, ...Array(9).fill(0xff), 0x01]);
  expect([...bytes(2, 'testing')]).toEqual([0x12, 0x07, ...Buffer.from('testing')]);
  expect([...message(bytes(3, integer(1, 150)))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
});

it('writes matrices as NumPy does', () => {
  const file = Buffer.from(npy(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2));
  const header = file.readUInt16LE(8);
  expect((10 + header) % 64).toBe(0);
  expect(file.subarray(10, 10 + header).toString()).toMatch(/'shape': \(3, 2\).* \n$/);
  expect(file.readFloatLE(10 + header + 8)).toBe(3);
  expect(file).toHaveLength(10 + header + 24);
});
