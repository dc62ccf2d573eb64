import { ConvforgeError } from '../errors.js';
import { isFloat32Array, isUint8Array } from '../realms.js';
import type { Layer } from '../layers/base-layer.js';
import { Embedding } from '../layers/core/embedding.js';
import { Flatten } from '../layers/reshaping/flatten.js';
import { Permute } from '../layers/reshaping/permute.js';
import { RepeatVector } from '../layers/reshaping/repeat-vector.js';
import { Reshape } from '../layers/reshaping/reshape.js';
import { fitsShape, type SampleShape, sameShape, showShape } from '../layers/shapes.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import { innermost, type Model, modelOf } from '../network/model.js';
import type { Shape } from '../program/description.js';
import type { SampleArray } from '../program/engine.js';
import { SampleSource } from '../program/samples.js';
import { type Tensor, type TensorLike, type TypedArray, toTensor } from '../tensor/index.js';

/**
 * Range of an input that feeds an embedding: its values must be whole numbers in [0, rows). `layer` is the
 * embedding's name.
 */
export interface IndexLimit {
  layer: string;
  rows: number;
}

/** Layers whose outputs hold exactly the values of their input. */
const VALUE_PRESERVING = [Flatten, Permute, RepeatVector, Reshape];

/**
 * For each input of the model, the limit of the smallest embedding that it feeds, here or in a nested model;
 * undefined if there is none.
 */
export function indexLimits(model: Model): (IndexLimit | undefined)[] {
  const limits = new Map<SymbolicTensor, IndexLimit>();
  const limit = (tensor: SymbolicTensor, given: IndexLimit | undefined) => {
    const known = limits.get(tensor);
    if (given && (!known || given.rows < known.rows)) limits.set(tensor, given);
  };
  // Walk back from the outputs, so that limits downstream of a layer are known first.
  for (const { layer, inputs, outputs } of [...model.sorted].reverse()) {
    const downstream = VALUE_PRESERVING.some((Kind) => layer instanceof Kind)
      ? limits.get(outputs[0])
      : undefined;
    const own = limitsOf(layer);
    for (const [i, input] of inputs.entries()) limit(input, own[i] ?? downstream);
  }
  return model.inputs.map((input) => limits.get(input));
}

function limitsOf(outer: Layer): (IndexLimit | undefined)[] {
  const layer = innermost(outer);
  const inner = modelOf(layer);
  if (inner) return indexLimits(inner);
  return layer instanceof Embedding ? [{ layer: layer.name, rows: layer.inputDim }] : [];
}

/**
 * Samples for an input of the model. `inputShape` is the shape of one sample, null for sizes that may vary.
 * Bytes stay uint8; everything else becomes float32. Throws SHAPE_MISMATCH, INVALID_ARGUMENT; reading throws
 * INVALID_INDEX for a number that an embedding has no row for.
 */
export function inputSource(
  value: TensorLike,
  inputShape: SampleShape,
  what: string,
  limit?: IndexLimit,
): SampleSource {
  const tensor = toTensor(value, what);
  const shape = sampleShape(tensor, inputShape, what);
  const values = tensor.dataSync();
  const [dtype, convert] = isUint8Array(values) ? (['uint8', asIs] as const) : floats(values);
  return new SampleSource(what, values, shape, dtype, (slice, start) => {
    if (limit) checkIndexes(slice, start, limit, what);
    return convert(slice);
  });
}

function floats(values: TypedArray): ['float32', (slice: TypedArray) => SampleArray] {
  return ['float32', isFloat32Array(values) ? asIs : (slice) => Float32Array.from(slice)];
}

/** `start` is the index of the slice's first element in its tensor. */
function checkIndexes(slice: TypedArray, start: number, { layer, rows }: IndexLimit, what: string): void {
  const invalid = slice.findIndex((index) => !(index >= 0 && index < rows && Number.isInteger(index)));
  if (invalid < 0) return;
  throw new ConvforgeError(
    'INVALID_INDEX',
    `${layer}: element ${start + invalid} of ${what} is ${slice[invalid]}; an embedding of ${rows} vectors takes whole numbers in [0, ${rows}).`,
    { layer },
  );
}

function asIs(slice: TypedArray): SampleArray {
  return slice as SampleArray;
}

/** The shape [n, ...sample]. A tensor [n] also fits samples of shape [1]. */
function sampleShape(tensor: Tensor, inputShape: SampleShape, what: string): Shape {
  const { shape } = tensor;
  const isColumn = shape.length === 1 && sameShape(inputShape, [1]);
  const sample = isColumn ? [1] : shape.slice(1);
  if (!fitsShape(sample, inputShape)) {
    const expected = ['n', ...inputShape.map(String)].join(', ');
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what} has shape [${shape.join(', ')}], but the model takes samples of ${showShape(inputShape)}: [${expected}]. Reshape it, for example tensor(values, [${expected}]).`,
    );
  }
  if (tensor.size === 0) {
    const problem = shape[0] === 0 ? 'has no samples' : `has samples of ${showShape(sample)}`;
    throw new ConvforgeError('INVALID_ARGUMENT', `${what} ${problem}; give one or more.`);
  }
  return [shape[0], ...sample];
}
