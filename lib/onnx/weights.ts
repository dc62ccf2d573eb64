import { sizeOf, stridesOf } from '../tensor/shapes.js';
import type { Constant } from './constants.js';
import type { MakeWeight } from './context.js';
import { numberOf } from './fold.js';

/** Numbers to copy before yielding. */
const COPIED = 2 ** 17;

/** How a constant becomes a weight. */
export interface WeightForm {
  /** Its shape first, if not the constant's: the same elements. */
  shape?: readonly number[];
  /** The axis of the constant for each axis of the weight. Default: as they are. */
  axes?: readonly number[];
  factor?: number;
}

/** Makes a weight of a constant. The number of elements mustn't change. */
export function weightOf(
  from: Constant,
  { shape = from.shape, axes, factor = 1 }: WeightForm = {},
): MakeWeight {
  return function* () {
    const { elements } = from;
    const values = new Float32Array(elements.length);
    const order = axes ?? shape.map((_, axis) => axis);
    const strides = stridesOf(shape);
    const sizes = order.map((axis) => shape[axis]);
    const steps = order.map((axis) => strides[axis]);
    const inner = sizes.length === 0 ? 1 : sizes[sizes.length - 1];
    const step = sizes.length === 0 ? 0 : steps[steps.length - 1];
    const position = sizes.map(() => 0);
    let start = 0;
    for (let at = 0, copied = 0; at < values.length; at += inner) {
      for (let i = 0; i < inner; i++) values[at + i] = numberOf(elements[start + i * step]) * factor;
      copied += inner;
      if (copied >= COPIED) {
        copied = 0;
        yield;
      }
      for (let axis = sizes.length - 2; axis >= 0; axis--) {
        start += steps[axis];
        if (++position[axis] < sizes[axis]) break;
        start -= steps[axis] * sizes[axis];
        position[axis] = 0;
      }
    }
    return values;
  };
}

/** A weight of equal numbers. */
export function filled(count: number, value: number): MakeWeight {
  return function* () {
    yield;
    return new Float32Array(count).fill(value);
  };
}

/** A weight that repeats each element of a constant. */
export function repeated(from: Constant, times: number): MakeWeight {
  return function* () {
    yield;
    const { elements } = from;
    return Float32Array.from({ length: sizeOf(from.shape) * times }, (_, i) =>
      numberOf(elements[Math.floor(i / times)]),
    );
  };
}
