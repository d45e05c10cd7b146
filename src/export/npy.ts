/** A matrix of float32 in NumPy's own format, version 1.0, row-major (numpy.org/doc/stable/reference/generated/numpy.lib.format). */
export function npy(values: Float32Array, rows: number, columns: number): Uint8Array {
  if (values.length !== rows * columns) throw new Error(`${values.length} numbers are not ${rows} rows of ${columns}`);
  const fields = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const prefix = 10;
  const header = fields.padEnd(Math.ceil((prefix + fields.length + 1) / 64) * 64 - prefix - 1, ' ');
  const out = Buffer.alloc(prefix + header.length + 1 + 4 * values.length);
  out.write('\u0093NUMPY\u0001\u0000', 0, 'latin1');
  out.writeUInt16LE(header.length + 1, 8);
  let at = out.write(`${header}\n`, prefix, 'latin1') + prefix;
  for (const value of values) at = out.writeFloatLE(value, at);
  return out;
}
