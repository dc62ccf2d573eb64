import { ConvforgeError } from '../errors.js';
import { sameShape, showShape } from '../layers/shapes.js';
import type { Shape } from '../program/description.js';
import { SampleSource } from '../program/samples.js';
import { type Tensor, type TensorLike, type TypedArray, toTensor } from '../tensor/index.js';

/** `inputShape` is one sample's. Bytes stay bytes, everything else becomes float32. Throws SHAPE_MISMATCH. */
export function inputSource(value: TensorLike, inputShape: Shape, what: string): SampleSource {
  const tensor = toTensor(value, what);
  const shape = sampleShape(tensor, inputShape, what);
  const values = tensor.dataSync();
  if (values instanceof Uint8Array) return new SampleSource(what, values, shape, 'uint8', (slice) => slice);
  const convert = values instanceof Float32Array ? asIs : Float32Array.from.bind(Float32Array);
  return new SampleSource(what, values, shape, 'float32', (slice) => convert(slice));
}

function asIs(slice: TypedArray): Float32Array {
  return slice as Float32Array;
}

/** The shape with the number of samples first; [n] also serves for samples of [1]. */
function sampleShape(tensor: Tensor, inputShape: Shape, what: string): Shape {
  const { shape } = tensor;
  const isColumn = shape.length === 1 && sameShape(inputShape, [1]);
  if (!isColumn && !sameShape(shape.slice(1), inputShape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what} has shape [${shape.join(', ')}], but the model takes samples of ${showShape(inputShape)}: [n, ${inputShape.join(', ')}]. Reshape it, for example tensor(values, [n, ${inputShape.join(', ')}]).`,
    );
  }
  if (shape[0] === 0) {
    throw new ConvforgeError('INVALID_ARGUMENT', `${what} has no samples; give one or more.`);
  }
  return [shape[0], ...inputShape];
}
