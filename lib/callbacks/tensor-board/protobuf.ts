/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** An encoded field of a message. A message is a sequence of fields. */
export type Field = Buffer;

/** Encodes an integer. `value` must be a whole number in [0, 2^53). */
export function integer(field: number, value: number): Field {
  return Buffer.concat([key(field, VARINT), varint(value)]);
}

export function double(field: number, value: number): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, FIXED64), bytes]);
}

export function float(field: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, FIXED32), bytes]);
}

export function bytes(field: number, value: Uint8Array): Field {
  return Buffer.concat([key(field, LENGTH), varint(value.length), value]);
}

export function text(field: number, value: string): Field {
  return bytes(field, Buffer.from(value));
}

export function message(field: number, ...fields: Field[]): Field {
  return bytes(field, Buffer.concat(fields));
}

/** Encodes a packed repeated double. */
export function doubles(field: number, values: readonly number[]): Field {
  const packed = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) packed.writeDoubleLE(value, 8 * i);
  return bytes(field, packed);
}

function key(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType);
}

/** Encodes seven bits per byte, lowest first. All bytes but the last have the eighth bit set. */
function varint(value: number): Buffer {
  const encoded: number[] = [];
  let rest = value;
  while (rest >= 128) {
    encoded.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...encoded, rest]);
}
