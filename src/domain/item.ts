/** Ids are opaque strings, byte for byte the same in and out. */
export type ItemId = string;
export type UserId = string;
export type SessionId = string;

/** One value of a catalogue field. `categories` are string lists; `date` is milliseconds since the epoch. */
export type FieldValue = string | number | boolean | readonly string[];

/** The typed fields of an item or a user. A missing value is an absent key, never null. */
export type Fields = Readonly<Record<string, FieldValue>>;

export interface Item {
  readonly id: ItemId;
  readonly fields: Fields;
}

export interface User {
  readonly id: UserId;
  readonly fields: Fields;
}

/** The values of a category field: one, several, or none where it is no text. */
export const categoryValues = (value: FieldValue | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' ? value : [];
