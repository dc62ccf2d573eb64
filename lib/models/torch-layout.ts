import type { Layer } from '../layers/base-layer.js';
import { elementCount, isKnown, sameShape } from '../layers/shapes.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { WeightStore } from '../layers/weight-store.js';
import { innermost, type Model, modelOf } from '../network/model.js';
import type { Shape } from '../program/description.js';

/** How a weight lies in a file. */
export interface StoredLayout {
  /** The weight's shape here, with axes split so that they can be permuted. */
  from: Shape;
  /** The axis of `from` for each axis in the file. */
  axes: readonly number[];
  /** The shape in the file. */
  shape: Shape;
}

/** PyTorch's names of a layer's weights. */
const SUFFIXES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
  embeddings: 'weight',
  alpha: 'weight',
  depthwise_kernel: 'weight',
};

/** A separable convolution is two modules in PyTorch. */
const SEPARABLE_SUFFIXES: Readonly<Record<string, string>> = {
  depthwise_kernel: 'depthwise.weight',
  pointwise_kernel: 'pointwise.weight',
  bias: 'pointwise.bias',
};

/** PyTorch's name of a weight, behind that of its layer. */
export function torchSuffix(layer: Layer, weight: string): string {
  const isSeparable = layer.getClassName() === 'SeparableConv2D';
  return (isSeparable ? SEPARABLE_SUFFIXES : SUFFIXES)[weight] ?? weight;
}

/** The layout of a weight as it is here. */
export function plainLayout(shape: Shape): StoredLayout {
  return { from: shape, axes: [...shape.keys()], shape };
}

/**
 * PyTorch's layout of a layer's weight. `flattened` is the shape, with channels last, of what the vectors were
 * that the layer takes, if they were images or sequences: PyTorch flattens them with channels first.
 */
export function torchLayout(layer: Layer, weight: string, shape: Shape, flattened?: Shape): StoredLayout {
  const kind = layer.getClassName();
  if (weight === 'depthwise_kernel') {
    const [height, width, channels, multiplier] = shape;
    return { from: shape, axes: [2, 3, 0, 1], shape: [channels * multiplier, 1, height, width] };
  }
  const isKernel = weight === 'kernel' || weight === 'pointwise_kernel';
  if (isKernel && shape.length === 4) return permuted(shape, [3, 2, 0, 1]);
  if (isKernel && shape.length === 3) return permuted(shape, [2, 1, 0]);
  const takesVector = kind === 'Dense' ? weight === 'kernel' : kind !== 'Embedding';
  if (flattened && takesVector && shape[0] === elementCount(flattened)) return unflattened(shape, flattened);
  if (weight === 'alpha') return { ...plainLayout(shape), shape: [elementCount(shape)] };
  return isKernel ? permuted(shape, [1, 0]) : plainLayout(shape);
}

function permuted(from: Shape, axes: readonly number[]): StoredLayout {
  return { from, axes, shape: axes.map((axis) => from[axis]) };
}

/** A dense kernel, or a vector, whose first axis has the elements of images with channels last. */
function unflattened([rows, ...units]: Shape, flattened: Shape): StoredLayout {
  const channels = flattened.length - 1;
  const places = [channels, ...flattened.slice(0, -1).keys()];
  const from = [...flattened, ...units];
  return units.length === 0
    ? { from, axes: places, shape: [rows] }
    : { from, axes: [channels + 1, ...places], shape: [...units, rows] };
}

/**
 * Where vectors come from: the shape before they were flattened, or 'mixed' if they are several such, or become
 * images themselves.
 */
type Origin = Shape | 'mixed';

/** For the weights of each layer that takes vectors that were images or sequences: what they were. */
export function flattenedInputs(model: Model): ReadonlyMap<WeightStore, Origin> {
  const found = new Map<WeightStore, Origin>();
  follow(model, new Map(), found);
  return found;
}

/** Follows vectors through the uses of a model's layers. `origins` has those of its inputs. */
function follow(model: Model, origins: Map<SymbolicTensor, Origin>, found: Map<WeightStore, Origin>): void {
  const makers = new Map<SymbolicTensor, readonly WeightStore[]>();
  for (const { layer, inputs, outputs } of model.sorted) {
    for (const store of imageMakers(layer, inputs, outputs[0], makers)) found.set(store, 'mixed');
    const inner = modelOf(innermost(layer));
    if (inner) {
      const given = inputs.map((input) => origins.get(input));
      const within = new Map(
        inner.inputs.flatMap((input, i) =>
          given[i] && layer === innermost(layer) ? [[input, given[i]]] : [],
        ),
      );
      follow(inner, within, found);
      for (const [i, output] of outputs.entries()) {
        const origin = within.get(inner.outputs[i]);
        if (origin) origins.set(output, origin);
      }
      continue;
    }
    const [first] = inputs.map((input) => origins.get(input)).filter((origin) => origin !== undefined);
    for (const store of first ? layer.stores : []) {
      const known = found.get(store);
      found.set(store, known && String(known) !== String(first) ? 'mixed' : first);
    }
    const origin = originOf(layer, inputs, outputs[0], first);
    if (origin) origins.set(outputs[0], origin);
  }
}

/**
 * The weights that made a vector which a layer reshapes to an image. `makers` has those of each vector, and gets
 * those of the layer's.
 */
function imageMakers(
  layer: Layer,
  inputs: readonly SymbolicTensor[],
  output: SymbolicTensor,
  makers: Map<SymbolicTensor, readonly WeightStore[]>,
): readonly WeightStore[] {
  const before = inputs.flatMap((input) => makers.get(input) ?? []);
  const { sampleShape } = output;
  if (sampleShape.length === 1) {
    const isDense = layer.getClassName() === 'Dense';
    makers.set(output, isDense ? layer.stores : [...before, ...layer.stores]);
    return [];
  }
  const becomesImage =
    layer.getClassName() === 'Reshape' && sampleShape.slice(0, -1).some((size) => size !== 1);
  return becomesImage ? before : [];
}

/** What the vectors were that a layer gives. */
function originOf(
  layer: Layer,
  inputs: readonly SymbolicTensor[],
  output: SymbolicTensor,
  origin: Origin | undefined,
): Origin | undefined {
  if (output.sampleShape.length !== 1) return undefined;
  const { sampleShape } = inputs[0];
  const isReshape = ['Flatten', 'Reshape'].includes(layer.getClassName());
  if (isReshape && sampleShape.length > 1) {
    // Sizes of 1 leave the order as it is.
    return isKnown(sampleShape) && elementCount(sampleShape.slice(0, -1)) > 1 ? sampleShape : undefined;
  }
  if (!origin || layer.getClassName() === 'Dense' || layer.getClassName() === 'Embedding') return undefined;
  const isAlike = inputs.every(({ sampleShape: shape }) =>
    sameShape(shape as Shape, output.sampleShape as Shape),
  );
  return isAlike ? origin : 'mixed';
}
