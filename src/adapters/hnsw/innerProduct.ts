/** Inner product of the query with the numbers from `offset` on. */
export function innerProduct(numbers: Float32Array | Int16Array, offset: number, query: Float32Array): number {
  const dimensions = query.length;
  const whole = dimensions - (dimensions & 3);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i < whole; i += 4) {
    const at = offset + i;
    a += numbers[at]! * query[i]!;
    b += numbers[at + 1]! * query[i + 1]!;
    c += numbers[at + 2]! * query[i + 2]!;
    d += numbers[at + 3]! * query[i + 3]!;
  }
  for (; i < dimensions; i++) a += numbers[offset + i]! * query[i]!;
  return a + b + (c + d);
}
