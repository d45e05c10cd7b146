/** A protocol buffer message as it is written: fields in the order they are given. Encoding: https://protobuf.dev/programming-guides/encoding */
export type Message = Uint8Array;

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

export const message = (...fields: readonly Uint8Array[]): Message => Buffer.concat(fields);

/** An integer, enum or boolean; negative ones in two's complement of 64 bits. */
export const integer = (field: number, value: number): Uint8Array =>
  Buffer.concat([varint(BigInt((field << 3) | VARINT)), varint(BigInt.asUintN(64, BigInt(value)))]);

export function float(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(BigInt((field << 3) | FIXED32)), bytes]);
}

/** A text, raw bytes or a message inside a message. */
export function bytes(field: number, value: string | Uint8Array): Uint8Array {
  const content = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([varint(BigInt((field << 3) | BYTES)), varint(BigInt(content.length)), content]);
}

/** One entry of a map with texts for keys. */
export const entry = (field: number, key: string, value: Message): Uint8Array =>
  bytes(field, message(bytes(1, key), bytes(2, value)));

function varint(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(out);
}
