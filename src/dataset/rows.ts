import type { ConfigFile, EventsSource, FieldDefinitions } from '../config/schema.ts';
import { idProblem } from '../domain/ids.ts';
import type { Fields } from '../domain/item.ts';
import type { Cell, SortableEvent } from '../ports/tables.ts';
import { type Parsed, parseTime } from './time.ts';
import { idText, isMissing, parseFields, parseNumber, quote } from './values.ts';

/** A row of items or users: the id's cell first, then the fields'. */
export function parseEntity(cells: readonly Cell[], definitions: FieldDefinitions): Parsed<{ id: string; fields: Fields }> {
  const id = parseId(cells[0], 'the id');
  if ('reason' in id) return id;
  const fields = parseFields(cells.slice(1), definitions);
  return 'reason' in fields ? fields : { value: { id: id.value, fields: fields.value } };
}

/** The columns of an events source that are configured, and where each stands. */
export interface EventColumns {
  readonly names: readonly string[];
  readonly place: Readonly<Record<'user' | 'session' | 'item' | 'time' | 'type' | 'value' | 'request' | 'position', number>>;
}

/** A column that is not configured has place -1: its cell is missing in every row. */
export function eventColumns(source: EventsSource): EventColumns {
  const names: string[] = [];
  const add = (column: string | undefined): number => (column === undefined ? -1 : names.push(column) - 1);
  return {
    place: {
      user: add(source.user),
      session: add(source.session),
      item: add(source.item),
      time: add(source.time.column),
      type: add(source.type),
      value: add(source.value),
      request: add(source.request),
      position: add(source.position),
    },
    names,
  };
}

/** A parser of event rows: ids, time, type, value and position each by its rule, or the first reason why not. */
export function createEventParser(
  source: EventsSource,
  eventTypes: ConfigFile['eventTypes'],
  isItem: (id: string) => boolean,
): (cells: readonly Cell[]) => Parsed<SortableEvent> {
  const { place } = eventColumns(source);
  const types = new Set([...Object.keys(eventTypes), 'impression']);
  const defaultType = Object.keys(eventTypes)[0] ?? 'click';
  const optionalId = (cell: Cell, name: string): Parsed<string | null> =>
    isMissing(cell) ? { value: null } : parseId(cell, name);
  return (cells) => {
    const user = optionalId(cells[place.user], 'the user');
    if ('reason' in user) return user;
    const session = optionalId(cells[place.session], 'the session');
    if ('reason' in session) return session;
    if (user.value === null && session.value === null) return { reason: 'there is neither user nor session' };
    const item = parseId(cells[place.item], 'the item');
    if ('reason' in item) return item;
    if (isMissing(cells[place.time])) return { reason: 'the time is missing' };
    const time = parseTime(cells[place.time], source.time.unit);
    if ('reason' in time) return { reason: `the time ${time.reason}` };
    const typeCell = cells[place.type];
    const type = isMissing(typeCell) ? defaultType : idText(typeCell);
    if (type === undefined || !types.has(type))
      return { reason: `unknown event type ${quote(typeCell)}, expected one of ${[...types].join(', ')}` };
    const value: Parsed<number | null> = isMissing(cells[place.value]) ? { value: null } : parseNumber(cells[place.value]);
    if ('reason' in value) return { reason: `the value ${value.reason}` };
    const request = optionalId(cells[place.request], 'the request');
    if ('reason' in request) return request;
    if (type === 'impression' && request.value === null) return { reason: 'an impression needs its request' };
    const position = parsePosition(cells[place.position]);
    if ('reason' in position) return position;
    if (!isItem(item.value)) return { reason: `the item ${quote(item.value)} is not in the catalogue` };
    return {
      value: {
        time: time.value,
        user: user.value,
        session: session.value,
        item: item.value,
        type,
        value: value.value,
        request: request.value,
        position: position.value,
      },
    };
  };
}

function parseId(cell: Cell, what: string): Parsed<string> {
  if (isMissing(cell)) return { reason: `${what} is missing` };
  const id = idText(cell);
  if (id === undefined)
    return { reason: `${what} ${quote(cell)} is not a text; a number that is an id must be whole and below 2^53` };
  const problem = idProblem(id);
  return problem === undefined ? { value: id } : { reason: `${what} ${problem}` };
}

function parsePosition(cell: Cell): Parsed<number | null> {
  if (isMissing(cell)) return { value: null };
  const parsed = parseNumber(cell);
  const whole = 'value' in parsed && Number.isInteger(parsed.value) && parsed.value >= 0 && parsed.value <= 1_000_000;
  return whole ? parsed : { reason: `the position ${quote(cell)} is not a whole number from 1` };
}
