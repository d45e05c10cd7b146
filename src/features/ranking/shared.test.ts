import { expect, test } from 'vitest';
import { log1pOf, logOf } from './shared.ts';

test('logarithms that are looked up are those that are computed', () => {
  for (const value of [0, 0.5, 1, 7, 1023, 1024, 1e9]) {
    expect(log1pOf(value)).toBe(Math.log1p(value));
    expect(logOf(value)).toBe(Math.log(value));
  }
});
