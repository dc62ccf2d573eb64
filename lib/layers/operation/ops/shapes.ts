import { show } from '../../../options.js';
import { showShape, sizeOf, type Shape } from '../../../tensor/shapes.js';
import type { Call, OpDefinition } from '../call.js';
import type { Value } from '../plan.js';
import { BATCH, showFull, type Size } from '../sizes.js';

/*
 * Operations that give each sample another shape or another order of its elements.
 */

/** One size may be -1. The first is the batch's: -1, or `{ size: [0, 0] }`. */
export const reshape: OpDefinition = {
  arguments: 1,
  attributes: ['shape'],
  build(call) {
    const x = call.value();
    return call.reshape(x, sampleShape(call, call.sizes('shape'), x));
  },
};

/** The shape of a sample of a reshaped value. */
function sampleShape(call: Call, [first, ...rest]: readonly Size[], x: Value): Shape {
  const sizes = rest.map((size) => call.known('shape', size));
  const count = sizeOf(x.shape);
  const known = sizeOf(sizes.filter((size) => size !== -1));
  const open = sizes.filter((size) => size === -1).length;
  const shape = sizes.map((size) => (size === -1 ? count / known : size));
  const isBatch = first === BATCH || (first === -1 && open === 0);
  if (sizes.some((size) => size < -1) || open > 1 || (open === 1 && first === -1)) {
    call.checks.fail(
      'INVALID_ARGUMENT',
      `the shape ${showFull([first, ...rest])} has negative sizes or several -1.`,
    );
  }
  if (!isBatch || sizeOf(shape) !== count || !shape.every(Number.isSafeInteger)) {
    // A misfit of sizes, or a shape that would take other samples together.
    call.checks.fail(
      isBatch ? 'SHAPE_MISMATCH' : 'UNSUPPORTED',
      `${showFull([BATCH, ...x.shape])} can't become ${showFull([first, ...rest])}; the first size must be -1, for the batch, and the others have ${count} elements.`,
    );
  }
  return shape;
}

/** Everything but the batch along one axis. */
export const flatten: OpDefinition = {
  arguments: 1,
  attributes: [],
  build: (call) => call.reshape(call.value(), [sizeOf(call.value().shape)]),
};

/** The batch must stay first. */
export const transpose: OpDefinition = {
  arguments: 1,
  attributes: ['perm'],
  build(call) {
    const x = call.value();
    const rank = x.shape.length + 1;
    const given = call.given('perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    const order = Array.isArray(given) ? given.map((axis) => call.axisOf('perm', axis, rank)) : [];
    if (order.length !== rank || new Set(order).size !== rank)
      call.checks.fail('INVALID_ARGUMENT', `perm is ${show(given)}; it must name each of ${rank} axes once.`);
    if (order[0] !== 0)
      call.checks.fail('UNSUPPORTED', `perm is ${show(given)}; axis 0 is the batch and must stay first.`);
    return permuted(
      call,
      x,
      order.slice(1).map((axis) => axis - 1),
    );
  },
};

function permuted(call: Call, x: Value, axes: readonly number[]): Value {
  return axes.every((axis, i) => axis === i) ? x : call.add('permute', [x], { axes });
}

export const expandDims: OpDefinition = {
  arguments: 1,
  attributes: ['axis'],
  build(call) {
    const x = call.value();
    const axis = call.pastBatch('axis', call.axis('axis', x.shape.length + 2));
    return call.reshape(x, x.shape.toSpliced(axis, 0, 1));
  },
};

export const squeeze: OpDefinition = {
  arguments: 1,
  attributes: ['axis'],
  build(call) {
    const x = call.value();
    const axes =
      call.given('axis') === undefined
        ? x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []))
        : call.sampleAxes('axis', x);
    const wide = axes.find((axis) => x.shape[axis] !== 1);
    if (wide !== undefined) {
      const shown = showFull([BATCH, ...x.shape]);
      call.checks.fail('SHAPE_MISMATCH', `axis ${wide + 1} of ${shown} has more than one element.`);
    }
    return call.reshape(
      x,
      x.shape.filter((_, axis) => !axes.includes(axis)),
    );
  },
};

export const concat: OpDefinition = {
  arguments: 'any',
  attributes: ['axis'],
  build(call) {
    const values = call.asValues(call.arguments.map((_, position) => position));
    const axis = call.sampleAxis('axis', values[0]);
    return values.length === 1 ? values[0] : call.add('concatenate', values, { axis });
  },
};

export const stack: OpDefinition = {
  arguments: 'any',
  attributes: ['axis'],
  build(call) {
    const values = call.asValues(call.arguments.map((_, position) => position));
    const axis = call.pastBatch('axis', call.axis('axis', values[0].shape.length + 2));
    const wide = values.map((x) => call.reshape(x, x.shape.toSpliced(axis, 0, 1)));
    return wide.length === 1 ? wide[0] : call.add('concatenate', wide, { axis });
  },
};

/** A number of equal parts, or the size of each. */
export const split: OpDefinition = {
  arguments: 1,
  attributes: ['numOrSizeSplits', 'axis'],
  build(call) {
    const x = call.value();
    const axis = call.sampleAxis('axis', x);
    const given = call.given('numOrSizeSplits');
    if (Array.isArray(given)) {
      const sizes = call.sizes('numOrSizeSplits').map((size) => call.known('numOrSizeSplits', size));
      return parts(call, x, axis, withOpenSize(sizes, x.shape[axis]));
    }
    const count = call.checks.whole('numOrSizeSplits', given, 1);
    if (x.shape[axis] % count !== 0) {
      call.checks.fail(
        'SHAPE_MISMATCH',
        `axis ${axis + 1} of ${showFull([BATCH, ...x.shape])} can't be split into ${count} equal parts.`,
      );
    }
    return parts(call, x, axis, new Array<number>(count).fill(x.shape[axis] / count));
  },
};

/** One of the sizes may be -1, for what the others leave. */
function withOpenSize(sizes: readonly number[], total: number): number[] {
  const known = sizes.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (size === -1 ? total - known : size));
}

function parts(call: Call, x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  const misfit = sizes.find((size) => size < 1);
  if (misfit !== undefined)
    call.checks.fail('SHAPE_MISMATCH', `parts of ${showShape(sizes)} aren't all of 1 element or more.`);
  return sizes.length === 1 && sizes[0] === x.shape[axis]
    ? [x]
    : call.plan.addAll('split', [x], { axis, sizes });
}

export const unstack: OpDefinition = {
  arguments: 1,
  attributes: ['axis'],
  build(call) {
    const x = call.value();
    const axis = call.sampleAxis('axis', x);
    const slices = parts(call, x, axis, new Array<number>(x.shape[axis]).fill(1));
    return slices.map((slice) => call.reshape(slice, x.shape.toSpliced(axis, 1)));
  },
};

/** The shape that a value is repeated to; -1 keeps a size. */
export const broadcastTo: OpDefinition = {
  arguments: 1,
  attributes: ['shape'],
  build(call) {
    const x = call.value();
    const [first, ...rest] = call.sizes('shape');
    if (first !== BATCH && first !== -1 && first !== 1)
      call.checks.fail('UNSUPPORTED', `shape begins with ${String(first)}; axis 0 is the batch: use -1.`);
    if (rest.length !== x.shape.length) {
      const shown = showFull([BATCH, ...x.shape]);
      call.checks.fail('SHAPE_MISMATCH', `${shown} can't be repeated to ${showFull([first, ...rest])}.`);
    }
    const wanted = rest.map((size) => call.known('shape', size));
    const shape = wanted.map((size, axis) => (size === -1 ? x.shape[axis] : size));
    return shape.every((size, axis) => size === x.shape[axis]) ? x : call.add('broadcast', [x], { shape });
  },
};

export const tile: OpDefinition = {
  arguments: 1,
  attributes: ['reps'],
  build(call) {
    const x = call.value();
    const [first, ...counts] = call.sizes('reps').map((size) => call.known('reps', size));
    if (first !== 1) call.checks.fail('UNSUPPORTED', `reps repeat axis 0, the batch, ${first} times.`);
    if (counts.length !== x.shape.length || counts.some((count) => count < 1))
      call.checks.fail('INVALID_ARGUMENT', 'reps must have a whole number from 1 up for each axis.');
    if (counts.every((count) => count === 1)) return x;
    const narrow = call.reshape(
      x,
      x.shape.flatMap((size) => [1, size]),
    );
    const wide = x.shape.flatMap((size, axis) => [counts[axis], size]);
    const repeated = call.add('broadcast', [narrow], { shape: wide });
    return call.reshape(
      repeated,
      x.shape.map((size, axis) => size * counts[axis]),
    );
  },
};
