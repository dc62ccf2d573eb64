import { show } from '../../../options.js';
import { showShape } from '../../../tensor/shapes.js';
import { slicedAxes } from '../../../tensor/strided-slice.js';
import type { Call, OpDefinition } from '../call.js';
import type { Value } from '../plan.js';
import { BATCH, showFull, type Size, withBatch } from '../sizes.js';

/*
 * Operations that take parts of samples, or add to them.
 */

/** The block of `size` at `begin`. A size of -1 reaches to the end. The batch must be whole: 0 and -1. */
export const slice: OpDefinition = {
  arguments: 1,
  attributes: ['begin', 'size'],
  build(call) {
    const x = call.value();
    const full = withBatch(x.shape);
    const begins = call.sizes('begin');
    const sizes = call.given('size') === undefined ? [] : call.sizes('size');
    if (begins.length > full.length || sizes.length > full.length)
      call.checks.fail('INVALID_ARGUMENT', `begin and size have more axes than ${showFull(full)}.`);
    const [batchBegin = 0, ...from] = begins;
    const [batchSize = -1, ...lengths] = sizes;
    if (batchBegin !== 0 || (batchSize !== -1 && batchSize !== BATCH)) failBatch(call);
    const starts = x.shape.map((_, axis) => call.known('begin', from[axis] ?? 0));
    const shape = x.shape.map((length, axis) => {
      const size = call.known('size', lengths[axis] ?? -1);
      return size === -1 ? length - starts[axis] : size;
    });
    return sliced(call, x, starts, shape);
  },
};

/** The masks are those of TensorFlow; axes can't be added, and there is no ellipsis. */
export const stridedSlice: OpDefinition = {
  arguments: 1,
  attributes: ['begin', 'end', 'strides', 'beginMask', 'endMask', 'shrinkAxisMask'],
  build(call) {
    const x = call.value();
    const mask = (name: string) => call.checks.whole(name, call.given(name) ?? 0, 0);
    const list = (name: string): Size[] => call.sizes(name);
    const [begin, end] = [list('begin'), list('end')];
    const strides = call.given('strides') === undefined ? begin.map(() => 1) : list('strides');
    const [beginMask, endMask, shrinkAxisMask] = ['beginMask', 'endMask', 'shrinkAxisMask'].map(mask);
    const isWhole =
      ((beginMask & 1) === 1 || begin[0] === 0) &&
      ((endMask & 1) === 1 || end[0] === BATCH) &&
      strides[0] === 1;
    if (begin.length > 0 && (!isWhole || (shrinkAxisMask & 1) === 1)) failBatch(call);
    const rest = (name: string, sizes: readonly Size[]) =>
      sizes.slice(1).map((size) => call.known(name, size));
    const { starts, sizes, steps, removed } = call.errorsNaming(() =>
      slicedAxes(x.shape, {
        begin: rest('begin', begin),
        end: rest('end', end),
        strides: rest('strides', strides),
        beginMask: beginMask >> 1,
        endMask: endMask >> 1,
        shrinkAxisMask: shrinkAxisMask >> 1,
      }),
    );
    const taken = sliced(call, x, starts, sizes, steps);
    return call.reshape(
      taken,
      taken.shape.filter((_, axis) => !removed.includes(axis)),
    );
  },
};

function failBatch(call: Call): never {
  return call.checks.fail('UNSUPPORTED', 'it cuts axis 0, the batch, which must stay whole.');
}

/** Elements at equal distances along each axis. */
function sliced(
  call: Call,
  x: Value,
  starts: readonly number[],
  sizes: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Value {
  const isInside = x.shape.every((length, axis) => {
    const last = starts[axis] + (sizes[axis] - 1) * steps[axis];
    return sizes[axis] >= 1 && starts[axis] >= 0 && starts[axis] < length && last >= 0 && last < length;
  });
  if (!isInside) {
    call.checks.fail(
      'SHAPE_MISMATCH',
      `${showShape(sizes)} elements from ${showShape(starts)} on aren't inside ${showShape(x.shape)}.`,
    );
  }
  const isAll = x.shape.every((length, axis) => length === sizes[axis] && steps[axis] === 1);
  return isAll ? x : call.add('slice', [x], { starts, sizes, steps });
}

export const reverse: OpDefinition = {
  arguments: 1,
  attributes: ['axis'],
  build(call) {
    const x = call.value();
    const axes = call.sampleAxes('axis', x);
    const starts = x.shape.map((length, axis) => (axes.includes(axis) ? length - 1 : 0));
    const steps = x.shape.map((_, axis) => (axes.includes(axis) ? -1 : 1));
    return sliced(call, x, starts, x.shape, steps);
  },
};

/** Indices are constant: a flat list, and their shape. */
export const gather: OpDefinition = {
  arguments: 1,
  attributes: ['indices', 'indicesShape', 'axis', 'batchDims'],
  constants: { 1: 'indices' },
  build(call) {
    const x = call.value();
    const axis = call.sampleAxis('axis', x, 0);
    if (call.number('batchDims', 0) !== 0)
      call.checks.fail('UNSUPPORTED', 'batchDims must be 0: the indices are the same for all samples.');
    const given = call.given('indices');
    if (!Array.isArray(given))
      return call.checks.fail('INVALID_ARGUMENT', `indices are ${show(given)}; give a list of numbers.`);
    const indices = given.map((index) => call.checks.whole('an index', index, 0));
    const shape = call.given('indicesShape') ?? [indices.length];
    const indicesShape = (Array.isArray(shape) ? shape : [shape]).map((size) =>
      call.checks.whole('indicesShape', size, 1),
    );
    const far = indices.find((index) => index >= x.shape[axis]);
    if (far !== undefined) {
      const shown = showFull(withBatch(x.shape));
      call.checks.fail('SHAPE_MISMATCH', `the index ${far} is beyond axis ${axis + 1} of ${shown}.`);
    }
    return call.add('gather', [x], { axis, indices, indicesShape });
  },
};

/** [before, after] for each axis, [0, 0] for the batch. */
function paddings(call: Call, x: Value): { before: number[]; after: number[] } | undefined {
  const given = call.given('paddings');
  const pairs = Array.isArray(given) ? given.map((pair) => call.sizes('paddings', pair)) : [];
  if (pairs.length !== x.shape.length + 1 || pairs.some((pair) => pair.length !== 2)) {
    call.checks.fail(
      'INVALID_ARGUMENT',
      `paddings is ${show(given)}; it must have [before, after] for each axis of ${showFull(withBatch(x.shape))}.`,
    );
  }
  const [batch, ...others] = pairs.map((pair) => pair.map((size) => call.known('paddings', size)));
  if (batch.some((size) => size !== 0))
    call.checks.fail('UNSUPPORTED', 'paddings add to axis 0, the batch; they must be [0, 0] there.');
  if (others.flat().every((size) => size === 0)) return undefined;
  return { before: others.map(([before]) => before), after: others.map(([, after]) => after) };
}

export const pad: OpDefinition = {
  arguments: 1,
  attributes: ['paddings', 'constantValue'],
  build(call) {
    const x = call.value();
    const value = call.number('constantValue', 0);
    const sides = paddings(call, x);
    return sides ? call.add('pad', [x], { ...sides, ...(value !== 0 && { value }) }) : x;
  },
};

/** 'edge' repeats the last element, 'wrap' goes on at the other end. */
export const mirrorPad: OpDefinition = {
  arguments: 1,
  attributes: ['paddings', 'mode'],
  build(call) {
    const x = call.value();
    const mode = call.word('mode', ['reflect', 'symmetric', 'edge', 'wrap'], 'reflect');
    const sides = paddings(call, x);
    return sides ? call.add('pad', [x], { ...sides, mode }) : x;
  },
};
