import { ConvforgeError } from '../errors.js';
import { OptionChecks, show } from '../options.js';
import { allocate } from './dtype.js';
import { broadcastValues, gatherStrided } from './elementwise.js';
import { type GraphValue, inGraph } from './graph.js';
import { gather } from './rearrangements.js';
import {
  broadcastShapes,
  readAxis,
  type SampleShape,
  sameShape,
  type Shape,
  showShape,
  sizeOf,
  stridesOf,
} from './shapes.js';
import { slicedAxes } from './strided-slice.js';
import { Tensor } from './tensor.js';
import { type Operand, type Operated, type TensorLike, toTensor } from './tensor-like.js';
import { range } from './creation.js';
import { reshape } from './transforms.js';

/**
 * Takes elements at equal distances along the first axes, from `begin` to before `end`. Negative indices count from
 * the end of an axis, and indices beyond it count as its end.
 *
 * @param strides The distances, negative to count down. Default 1.
 * @param beginMask Bit i is set if axis i begins at its first element, or at its last if it counts down.
 * @param endMask Bit i is set if axis i goes on to its end.
 * @param ellipsisMask Must be 0.
 * @param newAxisMask Must be 0.
 * @param shrinkAxisMask Bit i is set if axis i is removed, of which only the element at `begin` is taken.
 * @throws INVALID_ARGUMENT, UNSUPPORTED
 */
export function stridedSlice(
  x: TensorLike,
  begin: readonly number[],
  end: readonly number[],
  strides?: readonly number[] | null,
  beginMask?: number,
  endMask?: number,
  ellipsisMask?: number,
  newAxisMask?: number,
  shrinkAxisMask?: number,
): Tensor;
export function stridedSlice(
  x: GraphValue,
  begin: readonly number[],
  end: readonly number[],
  strides?: readonly number[] | null,
  beginMask?: number,
  endMask?: number,
  ellipsisMask?: number,
  newAxisMask?: number,
  shrinkAxisMask?: number,
): GraphValue;
export function stridedSlice(
  x: Operand,
  begin: readonly number[],
  end: readonly number[],
  strides?: readonly number[] | null,
  beginMask = 0,
  endMask = 0,
  ellipsisMask = 0,
  newAxisMask = 0,
  shrinkAxisMask = 0,
): Operated {
  if (ellipsisMask !== 0 || newAxisMask !== 0) {
    new OptionChecks('stridedSlice').fail(
      'UNSUPPORTED',
      'ellipsisMask and newAxisMask must be 0; give begin, end and strides for the axes, and use expandDims.',
    );
  }
  const taken = { begin, end, ...(strides && { strides }), beginMask, endMask, shrinkAxisMask };
  const made = inGraph('stridedSlice', [x], taken);
  if (made) return made;
  const tensor = toTensor(x as TensorLike, 'stridedSlice: x');
  const { starts, sizes, steps, removed } = slicedAxes(tensor.shape, taken);
  const strideOf = stridesOf(tensor.shape);
  const offset = starts.reduce((sum, start, axis) => sum + start * strideOf[axis], 0);
  const distances = strideOf.map((stride, axis) => stride * steps[axis]);
  const values = gatherStrided(tensor.dataSync(), tensor.dtype, sizes, distances, offset, 'stridedSlice');
  return reshape(
    values,
    sizes.filter((_, axis) => !removed.includes(axis)),
  );
}

/**
 * Pads each axis by [before, after] elements of its mirror image: 'reflect' mirrors at the last element, 'symmetric'
 * repeats it. [1, 2, 3] with 2 elements before is [3, 2, 1, 2, 3], or [2, 1, 1, 2, 3].
 *
 * @throws INVALID_ARGUMENT for more elements than the axis has to mirror.
 */
export function mirrorPad(
  x: TensorLike,
  paddings: readonly (readonly [number, number])[],
  mode: 'reflect' | 'symmetric',
): Tensor;
export function mirrorPad(
  x: GraphValue,
  paddings: readonly (readonly [number, number])[],
  mode: 'reflect' | 'symmetric',
): GraphValue;
export function mirrorPad(
  x: Operand,
  paddings: readonly (readonly [number, number])[],
  mode: 'reflect' | 'symmetric',
): Operated {
  new OptionChecks('mirrorPad').oneOf('mode', mode, ['reflect', 'symmetric']);
  const made = inGraph('mirrorPad', [x], { paddings, mode });
  if (made) return made;
  const tensor = toTensor(x as TensorLike, 'mirrorPad: x');
  if (!Array.isArray(paddings) || paddings.length !== tensor.rank) throw failPaddings(paddings, tensor.shape);
  return paddings.reduce<Tensor>((padded, pair, axis) => {
    const size = tensor.shape[axis];
    const most = mode === 'reflect' ? size - 1 : size;
    if (!pair.every((cells: number) => Number.isSafeInteger(cells) && cells >= 0 && cells <= most))
      throw failPaddings(paddings, tensor.shape);
    const indices = Array.from(range(-pair[0], size + pair[1]).dataSync(), (index) =>
      mirrored(index, size, mode),
    );
    return gather(padded, Int32Array.from(indices), axis);
  }, tensor);
}

function mirrored(index: number, size: number, mode: 'reflect' | 'symmetric'): number {
  const shift = mode === 'reflect' ? 0 : 1;
  if (index < 0) return -index - shift;
  return index < size ? index : 2 * size - 2 - index + shift;
}

function failPaddings(paddings: unknown, shape: Shape): ConvforgeError {
  return new ConvforgeError(
    'INVALID_ARGUMENT',
    `mirrorPad: paddings are ${show(paddings)}; give [before, after] for each axis of ${showShape(shape)}, no more than its elements ('reflect': one less).`,
  );
}

/**
 * Repeats x to a shape, by NumPy's rule: aligned at the last axis, a size of 1 becomes any.
 *
 * @throws SHAPE_MISMATCH
 */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor;
export function broadcastTo(x: GraphValue, shape: Shape): GraphValue;
export function broadcastTo(x: Operand, shape: Shape): Operated {
  const made = inGraph('broadcastTo', [x], { shape });
  if (made) return made;
  const tensor = toTensor(x as TensorLike, 'broadcastTo: x');
  if (!sameShape(broadcastShapes(tensor.shape, shape, 'broadcastTo'), shape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `broadcastTo: ${showShape(tensor.shape)} can't be repeated to ${showShape(shape)}.`,
    );
  }
  return new Tensor(broadcastValues(tensor, shape, 'broadcastTo'), shape, tensor.dtype);
}

/**
 * The sums of the elements along an axis up to each one, added in float64. The result is float32 for float32, else
 * int32.
 *
 * @param axis Default 0.
 * @param exclusive Whether an element counts only in the sums after its own. Default false.
 * @param reverse Whether to add from the end. Default false.
 */
export function cumsum(x: TensorLike, axis?: number, exclusive?: boolean, reverse?: boolean): Tensor;
export function cumsum<S extends SampleShape>(
  x: GraphValue<S>,
  axis?: number,
  exclusive?: boolean,
  reverse?: boolean,
): GraphValue<S>;
export function cumsum(x: Operand, axis = 0, exclusive = false, reverse = false): Operated {
  const made = inGraph('cumsum', [x], { axis, exclusive, reverse });
  if (made) return made;
  const tensor = toTensor(x as TensorLike, 'cumsum: x');
  const at = readAxis(axis, tensor.rank, 'cumsum');
  const length = tensor.shape[at];
  const inner = sizeOf(tensor.shape.slice(at + 1));
  const values = tensor.dataSync();
  const dtype = tensor.dtype === 'float32' ? 'float32' : 'int32';
  const out = allocate(dtype, tensor.size, 'cumsum');
  for (let row = 0; row < tensor.size; row += length * inner) {
    for (let column = 0; column < inner; column++) {
      let total = 0;
      for (let i = 0; i < length; i++) {
        const index = row + (reverse ? length - 1 - i : i) * inner + column;
        out[index] = exclusive ? total : total + values[index];
        total += values[index];
      }
    }
  }
  return new Tensor(out, tensor.shape, dtype);
}
