import { ConvforgeError } from '../errors.js';
import { MAX_ELEMENTS } from '../layers/shapes.js';
import { broadcastShapes, showShape, sizeOf, stridesOf, type Shape } from '../tensor/shapes.js';
import { type Constant, constant, type Elements, type ElementType, numberOf, reshaped } from './constants.js';
import type { Size } from './sizes.js';

/** Limit of elements that are computed while a file is read. */
const MAX_FOLDED = 2 ** 27;

/** Throws TOO_LARGE for more elements than a tensor may have, or than may be computed. */
export function checkFolded(shape: Shape, limit = MAX_FOLDED): number {
  const count = sizeOf(shape);
  if (count <= Math.min(limit, MAX_ELEMENTS)) return count;
  throw new ConvforgeError('TOO_LARGE', `a constant of ${showShape(shape)} would have ${count} elements`);
}

function emptyLike({ type, isKnown }: Constant, count: number): Size[] | Float32Array | Float64Array {
  if (!isKnown) return new Array<Size>(count).fill(0);
  return type === 'float' ? new Float32Array(count) : new Float64Array(count);
}

/** A constant of elements of `from`: for each output, in row-major order, the index that `next` gives. */
function picked(from: Constant, shape: Shape, next: (at: number) => number): Constant {
  const count = checkFolded(shape);
  const { elements } = from;
  const to = emptyLike(from, count);
  for (let i = 0; i < count; i++) to[i] = elements[next(i)];
  return { ...constant(from.type, shape, to as Elements), ...(from.range && { range: from.range }) };
}

/** Takes elements at `offset` plus the sum of the output's positions times `steps`. */
export function strided(from: Constant, shape: Shape, steps: readonly number[], offset = 0): Constant {
  const position = shape.map(() => 0);
  let at = offset;
  return picked(from, shape, () => {
    const now = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis];
      if (++position[axis] < shape[axis]) break;
      at -= steps[axis] * shape[axis];
      position[axis] = 0;
    }
    return now;
  });
}

export function transposed(from: Constant, axes: readonly number[]): Constant {
  const steps = stridesOf(from.shape);
  return strided(
    from,
    axes.map((axis) => from.shape[axis]),
    axes.map((axis) => steps[axis]),
  );
}

/** The first elements along each axis, and the steps between them; a negative step counts down. */
export function sliced(from: Constant, starts: Shape, sizes: Shape, steps: readonly number[]): Constant {
  const strides = stridesOf(from.shape);
  const offset = starts.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  return strided(
    from,
    sizes,
    strides.map((stride, axis) => stride * steps[axis]),
    sizeOf(sizes) === 0 ? 0 : offset,
  );
}

export function gathered(from: Constant, axis: number, indices: Shape, indicesShape: Shape): Constant {
  const [before, after] = [from.shape.slice(0, axis), from.shape.slice(axis + 1)];
  const [inner, size] = [sizeOf(after), from.shape[axis]];
  return picked(from, [...before, ...indicesShape, ...after], (at) => {
    const within = at % inner;
    const index = indices[Math.floor(at / inner) % indices.length];
    const outer = Math.floor(at / inner / indices.length);
    return (outer * size + index) * inner + within;
  });
}

export function expanded(from: Constant, shape: Shape): Constant {
  const aligned = [...shape.slice(from.shape.length).map(() => 1), ...from.shape];
  const steps = stridesOf(aligned).map((step, axis) => (aligned[axis] === 1 ? 0 : step));
  return strided(from, shape, steps);
}

export function joinedConstants(parts: readonly Constant[], axis: number): Constant {
  const [first] = parts;
  const total = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  const shape = first.shape.with(axis, total);
  const to = emptyLike({ ...first, isKnown: parts.every(({ isKnown }) => isKnown) }, checkFolded(shape));
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  let start = 0;
  for (const { elements, shape: own } of parts) {
    const run = own[axis] * inner;
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < run; j++) to[i * total * inner + start + j] = elements[i * run + j];
    }
    start += run;
  }
  return constant(first.type, shape, to as Elements);
}

/** Computes each element of constants that are broadcast. */
export function mapped(
  type: ElementType,
  inputs: readonly Constant[],
  compute: (...values: Size[]) => Size,
): Constant {
  const shape = inputs.reduce<number[]>((all, { shape: own }) => broadcastShapes(all, own, 'constants'), []);
  const count = checkFolded(shape);
  const all = inputs.map((input) => expanded(input, shape).elements);
  const isKnown = inputs.every((input) => input.isKnown);
  const to = emptyLike({ ...inputs[0], type, isKnown }, count);
  for (let i = 0; i < count; i++) to[i] = compute(...all.map((elements) => elements[i])) as never;
  return constant(type, shape, to as Elements);
}

/** Folds axes to their sum, product, maximum or minimum. */
export function reducedConstant(
  from: Constant,
  axes: readonly number[],
  keepDims: boolean,
  combine: (a: number, b: number) => number,
): Constant {
  const kept = from.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const steps = stridesOf(kept).map((step, axis) => (axes.includes(axis) ? 0 : step));
  const strides = stridesOf(from.shape);
  const to: (number | undefined)[] = new Array(sizeOf(kept));
  for (let i = 0; i < from.elements.length; i++) {
    const at = strides.reduce(
      (sum, stride, axis) => sum + (Math.floor(i / stride) % from.shape[axis]) * steps[axis],
      0,
    );
    const value = numberOf(from.elements[i]);
    to[at] = to[at] === undefined ? value : combine(to[at], value);
  }
  const whole = constant(
    from.type,
    kept,
    Float64Array.from(to, (each) => each ?? 0),
  );
  return keepDims
    ? whole
    : reshaped(
        whole,
        from.shape.filter((_, axis) => !axes.includes(axis)),
      );
}
