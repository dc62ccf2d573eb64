import { concatenate, flatten, permute, reshape } from '../../layers/index.js';
import { type AxisSlice, slicedAxes } from '../strided-slice.js';
import type { Mappers, NodeUse } from '../node-use.js';
import { operation } from '../operation.js';
import { isKnown } from '../../layers/shapes.js';
import { showShape, sizeOf } from '../../tensor/shapes.js';
import { computed, isBatch, type Size, type Value } from '../values.js';
import { tensorAxis } from './elementwise.js';

/** Functions that give samples another shape, or parts of them. */
export const SHAPES: Mappers = {
  Identity: (use) => use.inputs[0] ?? use.corrupt('it has no input'),
  IdentityN: (use) => use.inputs,
  PreventGradient: (use) => computed(use.tensor()),
  StopGradient: (use) => computed(use.tensor()),
  Cast: cast,
  ConcatV2: concatenated,
  Pack: stacked,
  Reshape: reshaped,
  Flatten: (use) => computed(use.layer(flatten({ name: use.nameOf() }), use.tensor())),
  ExpandDims: (use) => {
    const axis = use.numbers(1)[0];
    return operated(use, 'expandDims', {
      axis: axis < 0 ? axis + use.tensor().sampleShape.length + 2 : axis,
    });
  },
  Squeeze: (use) => {
    const axes = use.attributes.wholes('squeeze_dims').map((axis) => tensorAxis(use, axis));
    return operated(use, 'squeeze', axes.length > 0 ? { axis: axes } : {});
  },
  Transpose: transposed,
  StridedSlice: strided,
  Slice: (use) => operated(use, 'slice', { begin: use.numbers(1), size: use.numbers(2) }),
  GatherV2: gatheredAt,
  Split: (use) => split(use, 1, 0, use.attributes.whole('num_split')),
  SplitV: (use) => split(use, 0, 2, use.numbers(1)),
  Unpack: (use) =>
    operation(use, 'unstack', use.inputs, () => ({ axis: use.attributes.whole('axis') })).map(computed),
  Tile: (use) => operated(use, 'tile', { reps: use.numbers(1) }),
  ReverseV2: (use) => operated(use, 'reverse', { axis: use.numbers(1) }),
  BroadcastTo: (use) => sized(use, 'broadcastTo', 'shape'),
  Cumsum: (use) => {
    const [axis] = use.numbers(1).map((each) => tensorAxis(use, each));
    const [exclusive, reverse] = [use.attributes.flag('exclusive'), use.attributes.flag('reverse')];
    return operated(use, 'cumsum', { axis, exclusive, reverse });
  },
  ZerosLike: (use) => computed(operation(use, 'mul', [...use.inputs.slice(0, 1), 0])[0]),
};

export const SHAPE_OPERATIONS: Readonly<Record<string, string>> = {
  BroadcastTo: 'broadcastTo',
  Cumsum: 'cumsum',
  GatherV2: 'gather',
  ReverseV2: 'reverse',
  Slice: 'slice',
  Split: 'split',
  SplitV: 'split',
  Tile: 'tile',
};

function operated(use: NodeUse, op: string, attributes: Record<string, unknown>): Value {
  return computed(operation(use, op, use.inputs.slice(0, 1), () => attributes)[0]);
}

/** An operation whose second input has sizes. */
function sized(use: NodeUse, op: string, attribute: string): Value {
  const { values } = use.known(1);
  const attributes = (size: (given: Size) => unknown) => ({ [attribute]: Array.from(values, size) });
  return computed(operation(use, op, use.inputs.slice(0, 1), attributes)[0]);
}

/** Numbers of all types are float32 here, so that only a cast to whole numbers changes any. */
function cast(use: NodeUse): Value {
  const [from, to] = [use.attributes.type('SrcT'), use.attributes.type('DstT')];
  const isFloat = (type: unknown) => type === 'DT_FLOAT' || type === 1;
  if (!isFloat(from) || isFloat(to)) return computed(use.tensor());
  return use.fail(`it rounds to ${String(to)}`);
}

function concatenated(use: NodeUse): Value {
  const inputs = use.inputs.slice(0, -1);
  const axis = tensorAxis(
    use,
    use.numbers(use.inputs.length - 1)[0],
    inputs.findIndex(({ kind }) => kind === 'computed'),
  );
  if (axis === 0) return use.fail('it joins along axis 0, the batch');
  if (inputs.length === 1) return inputs[0];
  const tensors = inputs.map((_, i) => use.tensor(i));
  return computed(use.layer(concatenate({ name: use.nameOf(), axis }), tensors));
}

function stacked(use: NodeUse): Value {
  const axis = use.attributes.whole('axis');
  return computed(operation(use, 'stack', use.inputs, () => ({ axis }))[0]);
}

/** The batch must stay: a size of -1, or the batch's own, in front of a sample's elements. */
function reshaped(use: NodeUse): Value {
  const { sampleShape } = use.tensor();
  const [first, ...rest] = Array.from(use.known(1).values);
  const isOpen = first === -1 && !rest.includes(-1);
  const isWhole = first !== undefined && (isBatch(first) || isOpen || first === use.graph.batch);
  const sizes = rest.filter((size) => typeof size === 'number');
  if (isWhole && sizes.length === rest.length && sizes.length > 0 && isKnown(sampleShape)) {
    if (sizes.includes(-1) || sizeOf(sizes) === sizeOf(sampleShape)) {
      return computed(use.layer(reshape({ name: use.nameOf(), targetShape: sizes }), use.tensor()));
    }
    const given = showShape(sampleShape);
    return use.fail(
      `samples of ${given} can't become samples of ${showShape(sizes)}; it joins or splits the batch`,
    );
  }
  return sized(use, 'reshape', 'shape');
}

function transposed(use: NodeUse): Value {
  const perm = use.numbers(1).map((axis) => tensorAxis(use, axis));
  if (perm[0] !== 0) return use.fail(`it moves axis 0, the batch: [${perm.join(', ')}]`);
  if (perm.every((axis, i) => axis === i)) return computed(use.tensor());
  return computed(use.layer(permute({ name: use.nameOf(), dims: perm.slice(1) }), use.tensor()));
}

function strided(use: NodeUse): Value {
  const shape = [null, ...use.tensor().sampleShape];
  const slices = slicedAxes(
    use,
    shape,
    [1, 2, 3].map((index) => use.numbers(index)),
  );
  const own = slices.filter(({ axis }) => axis !== undefined);
  let value = use.inputs[0];
  const isCut = own.some(({ axis = 0, size }) => !Number.isNaN(size) && size !== shape[axis]);
  if (isCut || own.some(({ step }) => step !== 1)) value = cut(use, own);
  const kept = slices.filter(({ isShrunk }) => !isShrunk);
  if (kept.length === own.length && kept.every(({ axis }) => axis !== undefined)) return value;
  if (kept.some(({ size }, i) => i > 0 && Number.isNaN(size)))
    return use.fail('it removes or adds axes of unknown sizes');
  const target = kept.slice(1).map(({ size }) => size);
  const { tensor } = value as { tensor: Parameters<NodeUse['layer']>[1] };
  return computed(use.layer(reshape({ name: use.nameOf(), targetShape: target }), tensor));
}

/** Takes the elements of each axis. */
function cut(use: NodeUse, slices: readonly AxisSlice[]): Value {
  const name = `${use.nameOf()}/slice`;
  const begin = slices.map(({ start }) => start);
  const sizes = slices.map(({ size }) => (Number.isNaN(size) ? -1 : size));
  const inputs = use.inputs.slice(0, 1);
  if (slices.every(({ step }) => step === 1)) {
    return computed(operation(use, 'slice', inputs, () => ({ begin, size: sizes }), name)[0]);
  }
  // Where a slice goes on to the axis's first or last element, no number would say so.
  const isOpen = slices.map(({ start, step, size }) => Number.isNaN(size) || start + step * size < 0);
  const attributes = {
    begin,
    end: slices.map(({ start, step, size }, i) => (isOpen[i] ? 0 : start + step * size)),
    strides: slices.map(({ step }) => step),
    endMask: isOpen.reduce((mask, open, i) => mask | (open ? 1 << i : 0), 0),
  };
  return computed(operation(use, 'stridedSlice', inputs, () => attributes, name)[0]);
}

function gatheredAt(use: NodeUse): Value {
  const axis = tensorAxis(use, use.inputs.length > 2 ? use.numbers(2)[0] : 0);
  const indices = use.known(1);
  const attributes = { axis, indices: use.numbers(1), indicesShape: [...indices.shape] };
  return operated(use, 'gather', attributes);
}

function split(use: NodeUse, input: number, axisInput: number, parts: number | readonly number[]): Value[] {
  const axis = tensorAxis(use, use.numbers(axisInput)[0], input);
  const attributes = { numOrSizeSplits: parts, axis };
  return operation(use, 'split', [use.inputs[input]], () => attributes).map(computed);
}
