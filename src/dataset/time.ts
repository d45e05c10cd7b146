/** A value, or why there is none. */
export type Parsed<T> = { readonly value: T } | { readonly reason: string };

export type TimeUnit = 's' | 'ms' | 'iso' | 'auto';

/** The furthest a date can be, in milliseconds (ECMA-262, time values). */
const MAX_TIME = 8.64e15;

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const ISO =
  /^([+-]?\d{4,6})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d\d(?::?\d\d)?)?)?)?)?$/;

/**
 * A moment in milliseconds since the epoch. A number is in the unit given (`auto`: milliseconds); ISO 8601 is understood in
 * any unit, and in UTC where it names no zone.
 */
export function parseTime(cell: unknown, unit: TimeUnit): Parsed<number> {
  const text = typeof cell === 'string' ? cell.trim() : typeof cell === 'number' ? String(cell) : undefined;
  if (text === undefined) return { reason: `expected ${EXPECTED[unit]}` };
  if (unit !== 'iso' && NUMBER.test(text)) {
    const time = Math.round(Number(text) * (unit === 's' ? 1000 : 1));
    return Math.abs(time) <= MAX_TIME ? { value: time } : { reason: `"${text}" is out of range` };
  }
  return parseIso(text) ?? { reason: `"${text.slice(0, 60)}" is not ${EXPECTED[unit]}` };
}

const EXPECTED: Record<TimeUnit, string> = {
  s: 'a time in seconds',
  ms: 'a time in milliseconds',
  iso: 'a time in ISO 8601, such as 2024-05-01T12:30:00Z',
  auto: 'a time in ISO 8601 or milliseconds',
};

/** A date field's value: ISO 8601, a bare year included, or milliseconds since the epoch. */
export function parseDate(cell: unknown): Parsed<number> {
  const text = typeof cell === 'string' ? cell.trim() : typeof cell === 'number' ? String(cell) : '';
  const year = /^\d{4}$/.test(text) ? parseIso(text) : undefined;
  return year ?? parseTime(cell, 'auto');
}

function parseIso(text: string): Parsed<number> | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const millis = Math.floor(Number(`0.${fraction || '0'}`) * 1000);
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second), millis);
  const sane =
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60;
  if (!sane) return { reason: `"${text}" is no date that exists` };
  const offset = offsetMinutes(zone);
  if (offset === undefined) return { reason: `"${text}" has a time zone that does not exist` };
  return { value: date.getTime() - offset * 60_000 };
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (match === null) return undefined;
  const [, sign, hours, minutes = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
