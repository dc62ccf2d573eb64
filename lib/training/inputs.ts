import { ConvforgeError } from '../errors.js';
import { isFloat32Array, isInt32Array, isUint8Array } from '../realms.js';
import type { Layer } from '../layers/base-layer.js';
import { Embedding } from '../layers/core/embedding.js';
import { InputLayer, type InputType } from '../layers/core/input-layer.js';
import { Flatten } from '../layers/reshaping/flatten.js';
import { Permute } from '../layers/reshaping/permute.js';
import { RepeatVector } from '../layers/reshaping/repeat-vector.js';
import { Reshape } from '../layers/reshaping/reshape.js';
import { fitsShape, type SampleShape, sameShape, showShape } from '../layers/shapes.js';
import type { SymbolicTensor } from '../layers/symbolic-tensor.js';
import type { Graph } from '../network/infer-outputs.js';
import { innermost, modelOf } from '../network/model.js';
import type { Shape } from '../program/description.js';
import type { DType } from '../program/dtype.js';
import type { SampleArray, SampleType } from '../program/engine.js';
import { type ConvertSlice, SampleSource } from '../program/samples.js';
import { type Tensor, type TensorLike, type TypedArray, toTensor } from '../tensor/index.js';

/**
 * Range of an input that feeds an embedding: its values must be whole numbers in [0, rows). `layer` is the
 * embedding's name.
 */
export interface IndexLimit {
  layer: string;
  rows: number;
}

/** What an input of a model takes. */
export interface InputRule {
  /** The type of its samples; others are converted. */
  dtype: DType;
  limit?: IndexLimit;
}

/** Layers whose outputs hold exactly the values of their input. */
const VALUE_PRESERVING = [Flatten, Permute, RepeatVector, Reshape];

/** The type of the samples of an input that is declared so. */
const DECLARED: Readonly<Record<InputType, DType>> = { float32: 'float32', int32: 'int32', bool: 'uint8' };

/** The rule of each input: whole numbers if it is declared so, or if it feeds an embedding. */
export function inputRules(graph: Graph): InputRule[] {
  const limits = indexLimits(graph);
  return graph.inputs.map(({ sourceLayer }, i) => {
    const limit = limits[i];
    if (limit) return { dtype: 'int32', limit };
    return { dtype: sourceLayer instanceof InputLayer ? DECLARED[sourceLayer.dtype] : 'float32' };
  });
}

type Limits = readonly (IndexLimit | undefined)[];

/** Limits of nested models, so that each is looked at once, however often it is used. */
type KnownLimits = Map<Graph, Limits>;

/**
 * For each input of the model, the limit of the smallest embedding that it feeds, here or in a nested model;
 * undefined if there is none.
 */
function indexLimits(model: Graph, known: KnownLimits = new Map()): Limits {
  const found = known.get(model);
  if (found) return found;
  const limits = new Map<SymbolicTensor, IndexLimit>();
  const limit = (tensor: SymbolicTensor, given: IndexLimit | undefined) => {
    const smallest = limits.get(tensor);
    if (given && (!smallest || given.rows < smallest.rows)) limits.set(tensor, given);
  };
  // Walk back from the outputs, so that limits downstream of a layer are known first.
  for (const { layer, inputs, outputs } of [...model.sorted].reverse()) {
    const downstream = VALUE_PRESERVING.some((Kind) => layer instanceof Kind)
      ? limits.get(outputs[0])
      : undefined;
    const own = limitsOf(layer, known);
    for (const [i, input] of inputs.entries()) limit(input, own[i] ?? downstream);
  }
  const byInput = model.inputs.map((input) => limits.get(input));
  known.set(model, byInput);
  return byInput;
}

function limitsOf(outer: Layer, known: KnownLimits): Limits {
  const layer = innermost(outer);
  const inner = modelOf(layer);
  if (inner) return indexLimits(inner, known);
  return layer instanceof Embedding ? [{ layer: layer.name, rows: layer.inputDim }] : [];
}

/**
 * Samples for an input of the model. `inputShape` is the shape of one sample, null for sizes that may vary.
 * Bytes stay uint8, and integers int32 if the input takes them; everything else becomes float32. Throws
 * SHAPE_MISMATCH, INVALID_ARGUMENT; reading throws INVALID_INDEX for a number that an embedding has no row
 * for.
 */
export function inputSource(
  value: TensorLike,
  inputShape: SampleShape,
  what: string,
  { dtype: wanted, limit }: InputRule,
): SampleSource {
  const tensor = toTensor(value, what);
  const shape = sampleShape(tensor, inputShape, what);
  const values = tensor.dataSync();
  const [dtype, convert] = conversion(values, wanted);
  return new SampleSource(what, values, shape, dtype, (slice, start) => {
    if (limit) checkIndexes(slice, start, limit, what);
    return convert(slice, start);
  });
}

function conversion(values: TypedArray, wanted: DType): [SampleType, ConvertSlice] {
  if (isUint8Array(values)) return ['uint8', asIs];
  if (isInt32Array(values) && wanted === 'int32') return ['int32', asIs];
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
