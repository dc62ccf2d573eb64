import { type Pair, windowExtent } from '../../../program/contracts/window.js';
import type { NodeWriter } from '../node.js';
import { padding, padsOf } from './windows.js';

type Pool = NodeWriter<'pool2d'>;

export function pool2d(writer: Pool): void {
  const isGlobal = writer.variants.every(
    ({ attributes: { size, padding: sides, beyond = [0, 0] }, inputs: [[height, width]] }) =>
      size[0] === height && size[1] === width && [...sides, ...beyond].every((cells) => cells === 0),
  );
  writer.giveFirst(isGlobal && !isDilated(writer) ? pooledWhole(writer) : pooled(writer));
}

function isDilated({ variants: [{ attributes }] }: Pool): boolean {
  return attributes.dilations?.some((step) => step > 1) ?? false;
}

/** One window that is the whole image. */
function pooledWhole(writer: Pool): string {
  const [{ attributes }] = writer.variants;
  const x = writer.first();
  if (attributes.kind === 'sum') return writer.add('ReduceSum', [x, writer.ints([2, 3])], { keepdims: 1 });
  return writer.add(attributes.kind === 'max' ? 'GlobalMaxPool' : 'GlobalAveragePool', [x]);
}

function pooled(writer: Pool): string {
  const [{ attributes }] = writer.variants;
  const { kind, counted = 'inside' } = attributes;
  if (kind === 'max') return maximum(writer);
  const isBeyond = writer.variants.some(({ attributes: { beyond = [0, 0] } }) =>
    beyond.some((cells) => cells > 0),
  );
  if (isDilated(writer) || (isBeyond && (kind === 'sum' || counted === 'padded'))) return byProducts(writer);
  const isCounted = kind === 'sum' || counted === 'padded';
  const windows = { ...windowsOf(writer), count_include_pad: isCounted ? 1 : 0 };
  const average = writer.add('AveragePool', [writer.first()], windows);
  if (kind === 'average') return average;
  const [rows, columns] = windows.kernel_shape;
  return writer.add('Mul', [average, writer.number(rows * columns)]);
}

/** Windows that take what lies beyond the padding as padding. */
function windowsOf(writer: Pool) {
  const { strides } = writer.variants[0].attributes;
  const size = writer.common(({ attributes }) => attributes.size) ?? writer.failOpen();
  const reached = writer.common(({ attributes: { padding: sides, beyond = [0, 0] } }) => {
    return padsOf([sides[0], sides[1] + beyond[0], sides[2], sides[3] + beyond[1]]);
  });
  return { kernel_shape: size, strides, ...(reached ? { pads: reached } : padding(writer, size)) };
}

function maximum(writer: Pool): string {
  const { dilations = [1, 1] } = writer.variants[0].attributes;
  const windows = { ...windowsOf(writer), ...(isDilated(writer) && { dilations }) };
  const { pads = [] } = windows as { pads?: readonly number[] };
  const x = writer.first();
  if (pads.every((cells, side) => cells < windows.kernel_shape[side % 2]))
    return writer.add('MaxPool', [x], windows);
  const [top, left, bottom, right] = pads;
  const ends = writer.ints([0, 0, top, left, 0, 0, bottom, right]);
  const padded = writer.add('Pad', [x, ends, writer.number(Number.NEGATIVE_INFINITY)], { mode: 'constant' });
  return writer.add('MaxPool', [padded], { ...windows, pads: [0, 0, 0, 0] });
}

/** Sums by a convolution with ones, and averages as these times what each window counts: opset 17 lacks both. */
function byProducts(writer: Pool): string {
  const [{ attributes, output }] = writer.variants;
  const { kind, dilations = [1, 1] } = attributes;
  const [channels] = writer.known(-1);
  const windows = windowsOf(writer);
  const [rows, columns] = windows.kernel_shape;
  const ones = writer.floats(
    [channels, 1, rows, columns],
    new Array<number>(channels * rows * columns).fill(1),
  );
  const sum = writer.add('Conv', [writer.first(), ones], { ...windows, dilations, group: channels });
  if (kind === 'sum') return sum;
  writer.known();
  const [above, across] = [0, 1].map((axis) => countsAlong(writer, axis, output[axis], dilations));
  const factors = above.flatMap((count) => across.map((other) => 1 / Math.max(count * other, 1)));
  return writer.add('Mul', [sum, writer.floats([1, 1, above.length, across.length], factors)]);
}

/** How many positions of each window along an axis are counted. */
function countsAlong({ variants }: Pool, axis: number, windows: number, dilations: Pair): number[] {
  const [{ attributes, inputs }] = variants;
  const { size, strides, padding: sides, counted = 'inside' } = attributes;
  const [before, after] = sides.slice(2 * axis, 2 * axis + 2);
  const cells = inputs[0][axis];
  const [from, to] = counted === 'padded' ? [-before, cells + after] : [0, cells];
  return Array.from({ length: windows }, (_, window) => {
    const start = window * strides[axis] - before;
    const places = Array.from(
      { length: size[axis] },
      (_each, k) => start + windowExtent(k + 1, dilations[axis]) - 1,
    );
    return places.filter((place) => place >= from && place < to).length;
  });
}
