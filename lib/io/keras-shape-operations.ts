import type { KerasStep, OperationUse } from './operation-use.js';
import type { JsonObject } from './read-model-json.js';

/*
 * Operations that give samples another shape, take parts of them or multiply matrices, as operators of Keras.
 */

type Writer = (use: OperationUse) => readonly KerasStep[];

const X = { argument: 0 };

/** Sizes that may be any are the batch's alone. */
function reshape(use: OperationUse): KerasStep[] {
  return [{ className: 'Reshape', config: { newshape: [-1, ...use.sizes()] }, args: [X] }];
}

/** Values of the model along one axis. */
function joined(className: string): Writer {
  return (use) => {
    if (use.arguments.some(({ kind }) => kind !== 'value')) use.fail('it joins constants');
    const rank = use.outputs[0].length;
    const config = { axis: use.axis('axis', undefined, rank) };
    return [{ className, config, args: [use.arguments.map((_, argument) => ({ argument }))] }];
  };
}

/** A number of equal parts, or where to cut. */
function split(use: OperationUse): KerasStep[] {
  const axis = use.axis('axis');
  const sizes = use.outputs.map((_, output) => use.sizes(output)[axis - 1]);
  let end = 0;
  const cuts = sizes.slice(0, -1).map((size) => (end += size));
  if (cuts.length === 0) return [{ className: 'Copy', args: [X] }];
  return [{ className: 'Split', config: { indices_or_sections: cuts, axis }, args: [X] }];
}

interface Range {
  start: number | null;
  stop: number | null;
  step: number | null;
}

function sliceOf(range: Range): JsonObject {
  return { class_name: '__slice__', config: { ...range } };
}

const WHOLE = sliceOf({ start: null, stop: null, step: null });

function slice(use: OperationUse): KerasStep[] {
  const begins = use.list('begin').slice(1);
  const sizes = use.sizes();
  const key = sizes.map((size, axis) => {
    const start = begins[axis] ?? 0;
    return sliceOf({ start, stop: start + size, step: null });
  });
  return [{ className: 'GetItem', args: [X, [WHOLE, ...key]] }];
}

function stridedSlice(use: OperationUse): KerasStep[] {
  const [begin, end] = [use.list('begin'), use.list('end')];
  const strides = use.given('strides') === undefined ? begin.map(() => 1) : use.list('strides');
  const has = (mask: string, axis: number) => ((use.number(mask, 0) >> axis) & 1) === 1;
  if (strides.some((step) => step < 1)) use.fail('it goes backwards');
  const key = begin.map((start, axis) => {
    if (axis === 0) return WHOLE;
    if (has('shrinkAxisMask', axis)) return start;
    return sliceOf({
      start: has('beginMask', axis) ? null : start,
      stop: has('endMask', axis) ? null : end[axis],
      step: strides[axis] === 1 ? null : strides[axis],
    });
  });
  return [{ className: 'GetItem', args: [X, key] }];
}

function gather(use: OperationUse): KerasStep[] {
  const indices = use.list('indices');
  const given = use.given('indicesShape') ?? [indices.length];
  const value = nested(indices, [given].flat() as number[]);
  const places = { class_name: '__tensor__', config: { value, dtype: 'int32' } };
  return [{ className: 'Take', config: { axis: use.axis('axis', 0) }, args: [X, places] }];
}

/** A flat list as lists in lists. */
export function nested(values: ArrayLike<number>, [size, ...inner]: readonly number[]): unknown {
  if (size === undefined) return values[0];
  const length = values.length / size;
  return Array.from({ length: size }, (_, i) =>
    nested(Array.prototype.slice.call(values, i * length, (i + 1) * length), inner),
  );
}

function mirrorPad(use: OperationUse): KerasStep[] {
  const mode = use.given('mode') ?? 'reflect';
  if (mode !== 'reflect' && mode !== 'symmetric') use.fail(`its mode is ${String(mode)}`);
  const config = { pad_width: use.given('paddings'), mode };
  return [{ className: 'Pad', config, args: [X], kwargs: { constant_values: null } }];
}

function resize(interpolation: 'bilinear' | 'nearest'): Writer {
  return (use) => {
    use.only('halfPixelCenters', use.flag('halfPixelCenters'), true);
    const config = { size: use.list('size'), interpolation, data_format: 'channels_last' };
    return [{ className: 'Resize', module: 'image', config, args: [X] }];
  };
}

function blocks(className: string): Writer {
  return (use) => {
    const config = { block_size: use.given('blockSize'), data_format: 'channels_last' };
    return [{ className, module: 'nn', config, args: [X] }];
  };
}

/** Keras multiplies as NumPy does, where matrices of samples are behind the batch. */
function matMul(use: OperationUse): KerasStep[] {
  const steps: KerasStep[] = [];
  const [a, b] = use.arguments;
  const areSamples =
    a.kind === 'value' && b.kind === 'value' && use.rank(0) > 2 && use.rank(0) === use.rank(1);
  const isDense = a.kind === 'value' && b.kind === 'constant' && b.shape.length === 2;
  if (!areSamples && !isDense) use.fail('its matrices are aligned otherwise in Keras');
  const args = ['transposeA', 'transposeB'].map((name, argument) => {
    if (!use.flag(name)) return { argument };
    if (use.arguments[argument].kind === 'constant') use.fail('it transposes a constant');
    const rank = use.rank(argument);
    const config = { axis1: rank - 2, axis2: rank - 1 };
    return { step: steps.push({ className: 'Swapaxes', config, args: [{ argument }] }) - 1 };
  });
  return [...steps, { className: 'Matmul', args }];
}

/** How each is written. */
export const shapeSteps: Readonly<Record<string, Writer>> = {
  // Copies along axes of one element.
  broadcastTo: (use) => {
    const [x] = use.arguments;
    const shape = x.kind === 'number' ? [] : x.shape;
    const repeats = use.sizes().map((size, axis) => (shape[axis + 1] === 1 ? size : 1));
    return [{ className: 'Tile', config: { repeats: [1, ...repeats] }, args: [X] }];
  },
  concat: joined('Concatenate'),
  depthToSpace: blocks('DepthToSpace'),
  dot: () => [{ className: 'Matmul', args: [X, { argument: 1 }] }],
  expandDims: (use) => [
    { className: 'ExpandDims', config: { axis: use.axis('axis', 0, use.rank() + 1) }, args: [X] },
  ],
  flatten: reshape,
  gather,
  matMul,
  mirrorPad,
  pad: (use) => [
    {
      className: 'Pad',
      config: { pad_width: use.given('paddings'), mode: 'constant' },
      args: [X],
      kwargs: { constant_values: use.number('constantValue', 0) },
    },
  ],
  reshape,
  resizeBilinear: resize('bilinear'),
  resizeNearestNeighbor: resize('nearest'),
  reverse: (use) => [{ className: 'Flip', config: { axis: use.axes('axis') }, args: [X] }],
  slice,
  spaceToDepth: blocks('SpaceToDepth'),
  split,
  squeeze: reshape,
  stack: joined('Stack'),
  stridedSlice,
  tile: (use) => [{ className: 'Tile', config: { repeats: use.list('reps') }, args: [X] }],
  transpose: (use) => [{ className: 'Transpose', config: { axes: use.axes('perm') }, args: [X] }],
  unstack: (use) => [
    {
      className: 'Unstack',
      module: 'core',
      config: { num: use.outputs.length, axis: use.axis('axis') },
      args: [X],
    },
  ],
};
