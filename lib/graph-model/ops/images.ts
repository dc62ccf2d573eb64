import {
  averagePooling2d,
  depthToSpace,
  globalAveragePooling2d,
  globalMaxPooling2d,
  type Layer,
  maxPooling2d,
  spaceToDepth,
  zeroPadding2d,
} from '../../layers/index.js';
import { type Mappers, NodeUse } from '../node-use.js';
import { operation } from '../operation.js';
import { type Blocks, computed, type Sides2D, type Value } from '../values.js';
import { checkDataFormat, readPadding, spatial } from './convolutions.js';
import { tensorAxis } from './elementwise.js';

/** Pooling, reductions, padding and other functions of images. */
export const IMAGES: Mappers = {
  AvgPool: (use) => pooled(use, averagePooling2d),
  MaxPool: (use) => pooled(use, maxPooling2d),
  Max: (use) => reduced(use, 'max', globalMaxPooling2d),
  Mean: (use) => reduced(use, 'mean', globalAveragePooling2d),
  Min: (use) => reduced(use, 'min'),
  Prod: (use) => reduced(use, 'prod'),
  Sum: (use) => reduced(use, 'sum'),
  Pad: padded,
  PadV2: padded,
  MirrorPad: mirrored,
  SpaceToBatchND: spread,
  BatchToSpaceND: gathered,
  DepthToSpace: (use) => rearranged(use, depthToSpace),
  SpaceToDepth: (use) => rearranged(use, spaceToDepth),
  ResizeBilinear: (use) => resized(use, 'resizeBilinear'),
  ResizeNearestNeighbor: (use) => resized(use, 'resizeNearestNeighbor'),
  LRN: (use) => {
    const { attributes } = use;
    const numbers = {
      depthRadius: attributes.whole('depth_radius', 5),
      bias: attributes.number('bias', 1),
      alpha: attributes.number('alpha', 1),
      beta: attributes.number('beta', 0.5),
    };
    return computed(operation(use, 'localResponseNormalization', use.inputs, () => numbers)[0]);
  },
};

/** What may follow a convolution before BatchToSpaceND. */
const ELEMENTWISE_STEPS: ReadonlySet<string> = new Set([
  'Add',
  'AddV2',
  'BiasAdd',
  'Elu',
  'Identity',
  'LeakyRelu',
  'Mul',
  'Relu',
  'Relu6',
  'Sigmoid',
  'Tanh',
]);

export const IMAGE_OPERATIONS: Readonly<Record<string, string>> = {
  LRN: 'localResponseNormalization',
  Min: 'min',
  MirrorPad: 'mirrorPad',
  Prod: 'prod',
  ResizeBilinear: 'resizeBilinear',
  ResizeNearestNeighbor: 'resizeNearestNeighbor',
  Sum: 'sum',
};

function pooled(use: NodeUse, make: typeof maxPooling2d | typeof averagePooling2d): Value {
  checkDataFormat(use);
  const options = {
    name: use.nameOf(),
    poolSize: spatial(use, 'ksize'),
    strides: spatial(use, 'strides'),
    padding: readPadding(use),
  };
  return computed(use.layer(make(options) as Layer, use.tensor()));
}

function reduced(
  use: NodeUse,
  op: string,
  global?: (options: { name: string; keepDims: boolean }) => Layer,
): Value {
  const tensor = use.tensor();
  const axes = use.numbers(1).map((axis) => tensorAxis(use, axis));
  const keepDims = use.attributes.flag('keep_dims');
  const isGlobal = tensor.sampleShape.length === 3 && [...axes].sort().join() === '1,2';
  if (global && isGlobal) return computed(use.layer(global({ name: use.nameOf(), keepDims }), tensor));
  return computed(operation(use, op, use.inputs.slice(0, 1), () => ({ axis: axes, keepDims }))[0]);
}

/** [before, after] of each axis, the batch's first. */
function paddings(use: NodeUse): [number, number][] {
  const numbers = use.numbers(1);
  if (numbers.length !== 2 * (use.tensor().sampleShape.length + 1))
    return use.corrupt('its paddings are of other axes');
  return numbers.flatMap((_, i) => (i % 2 === 0 ? [[numbers[i], numbers[i + 1]] as [number, number]] : []));
}

function padded(use: NodeUse): Value {
  const tensor = use.tensor();
  const pairs = paddings(use);
  const constantValue = use.inputs.length > 2 ? use.numbers(2)[0] : 0;
  const [batch, height, width, channels] = pairs;
  const isImage = pairs.length === 4 && [...batch, ...channels].every((count) => count === 0);
  if (!isImage || constantValue !== 0 || [...height, ...width].some((count) => count < 0)) {
    return computed(
      operation(use, 'pad', use.inputs.slice(0, 1), () => ({ paddings: pairs, constantValue }))[0],
    );
  }
  const padding: Sides2D = [height, width];
  const output = use.layer(zeroPadding2d({ name: use.nameOf(), padding }), tensor);
  use.graph.padded.set(output, { input: tensor, padding });
  return computed(output);
}

function mirrored(use: NodeUse): Value {
  const mode = use.attributes.text('mode', 'REFLECT').toLowerCase();
  const attributes = { paddings: paddings(use), mode };
  return computed(operation(use, 'mirrorPad', use.inputs.slice(0, 1), () => attributes)[0]);
}

/** Begins a dilated convolution: see {@link Blocks}. */
function spread(use: NodeUse): Value {
  const [rows, columns, ...others] = use.numbers(1);
  const [top, bottom, left, right] = use.numbers(2);
  if (columns === undefined || others.length > 0)
    return use.fail('it dilates another number of axes than two');
  return {
    kind: 'blocks',
    input: use.tensor(),
    dilation: [rows, columns],
    padding: [
      [top, bottom],
      [left, right],
    ],
  };
}

/** Ends a dilated convolution: makes the nodes since SpaceToBatchND, now that all of the padding is known. */
function gathered(use: NodeUse): Value {
  const blocks = use.inputs[0];
  if (blocks?.kind !== 'blocks') return use.fail('no SpaceToBatchND goes before it');
  if (use.numbers(1).join() !== blocks.dilation.join())
    return use.fail("its blocks aren't those of the SpaceToBatchND");
  const crops = use.numbers(2);
  const padding = blocks.padding.map((sides, axis) => sides.map((pad, side) => pad - crops[2 * axis + side]));
  if (padding.flat().some((count) => count < 0)) return use.fail('it crops more than was padded');
  return dilated(use, blocks, padding as unknown as Sides2D);
}

/** Makes the layers of the nodes since SpaceToBatchND. */
function dilated({ graph }: NodeUse, last: Blocks, padding: Sides2D): Value {
  const steps: NonNullable<Blocks['step']>[] = [];
  let first = last;
  for (let { step } = first; step; step = first.step) {
    steps.unshift(step);
    first = step.before;
  }
  let value: Value = computed(first.input);
  for (const { node, inputs } of steps) {
    const own = inputs.map((input) => (input.kind === 'blocks' ? value : input));
    const blocks = { dilation: first.dilation, padding };
    value = graph.absorbed.get(node.name) ?? graph.map(new NodeUse(graph, node, own, blocks))[0];
  }
  return value;
}

/** Adds a node between SpaceToBatchND and BatchToSpaceND: a convolution first, then functions of elements. */
export function addStep(use: NodeUse, before: Blocks): Blocks {
  const { node, inputs } = use;
  const isConvolution = /Conv2[dD]/.test(node.op) && node.op !== 'Conv2DBackpropInput';
  const others = inputs.filter((input) => input !== before);
  const isElementwise =
    ELEMENTWISE_STEPS.has(node.op) && others.every((each) => each.kind === 'known' && each.shape.length <= 1);
  if (before.step ? !isElementwise : !isConvolution)
    return use.fail('it is between SpaceToBatchND and BatchToSpaceND');
  return { ...before, step: { node, inputs, before } };
}

function rearranged(use: NodeUse, make: typeof spaceToDepth | typeof depthToSpace): Value {
  checkDataFormat(use);
  const layer = make({ name: use.nameOf(), blockSize: use.attributes.whole('block_size') });
  return computed(use.layer(layer as Layer, use.tensor()));
}

function resized(use: NodeUse, op: string): Value {
  const flags = {
    alignCorners: use.attributes.flag('align_corners'),
    halfPixelCenters: use.attributes.flag('half_pixel_centers'),
  };
  const { values } = use.known(1);
  const attributes = (size: (given: (typeof values)[number]) => unknown) => ({
    size: Array.from(values, size),
    ...flags,
  });
  return computed(operation(use, op, use.inputs.slice(0, 1), attributes)[0]);
}
