/** Bytes of a dataset that are read or written in one go: a millisecond or two. */
export const PIECE = 2 ** 20;

/** A part of a dataset: where it starts, its sizes, and its elements in row-major order. */
export interface Piece {
  start: bigint[];
  count: bigint[];
  from: number;
  length: number;
}

/**
 * Divides a dataset into pieces of at most PIECE bytes, that lie one behind the other. No chunk is divided, if it
 * is given: a piece is larger where its chunks are.
 */
export function* piecesOf(
  shape: readonly number[],
  size: number,
  chunk: readonly number[] = shape.map(() => 1),
): Generator<Piece> {
  const most = PIECE / size;
  let inner = shape.reduce((product, length) => product * length, 1);
  let axis = 0;
  for (; inner / shape[axis] > most && chunk[axis] === 1; axis++) inner /= shape[axis];
  const rowLength = inner / shape[axis];
  const rows = Math.max(1, Math.floor(most / rowLength / chunk[axis])) * chunk[axis];
  const outer = shape.slice(0, axis).reduce((product, length) => product * length, 1);
  for (let i = 0; i < outer; i++) {
    const place = placeOf(i, shape.slice(0, axis));
    for (let row = 0; row < shape[axis]; row += rows) {
      const taken = Math.min(rows, shape[axis] - row);
      const behind = shape.slice(axis + 1);
      yield {
        start: [...place, row, ...behind.map(() => 0)].map(BigInt),
        count: [...place.map(() => 1), taken, ...behind].map(BigInt),
        from: i * inner + row * rowLength,
        length: taken * rowLength,
      };
    }
  }
}

/** The indices along each axis of the element with this number. */
function placeOf(index: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  for (const length of [...shape].reverse()) {
    place.unshift(index % length);
    index = Math.floor(index / length);
  }
  return place;
}
