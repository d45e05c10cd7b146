/** Fits a key of every store, with the entity's kind before it. */
export const MAX_ID_BYTES = 512;

/** What is wrong with an id of an item, user or session, if anything. Any other string is one, byte for byte. */
export function idProblem(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.includes('\0')) return 'holds a NUL character';
  // A UTF-16 unit is at most three bytes of UTF-8.
  const mayBeLong = id.length * 3 > MAX_ID_BYTES;
  if (mayBeLong && (id.length > MAX_ID_BYTES || new TextEncoder().encode(id).length > MAX_ID_BYTES)) {
    return `is longer than ${MAX_ID_BYTES} bytes`;
  }
  return isWellFormed(id) ? undefined : 'is not well-formed Unicode';
}

/** Half of a surrogate pair alone has no UTF-8 form, so it could not come out as it went in. */
function isWellFormed(text: string): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}
