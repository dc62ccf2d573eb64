/** Makes an IDX file from the type's code, the sizes, and the big-endian values. */
export function idxBytes(code: number, shape: readonly number[], values: Iterable<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = code;
  header[3] = shape.length;
  shape.forEach((size, axis) => {
    header.writeUInt32BE(size, 4 + 4 * axis);
  });
  return Buffer.concat([header, Buffer.from([...values])]);
}
