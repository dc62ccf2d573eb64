import { ConvforgeError } from '../errors.js';
import { isFloat32Array } from '../realms.js';
import { type DataLike, type ModelPort, valuesByPort } from '../network/ports.js';
import type { Shape } from '../program/description.js';
import { SampleSource } from '../program/samples.js';
import { type TensorLike, toTensor, type TypedArray } from '../tensor/index.js';
import { sameShape } from '../tensor/shapes.js';

/**
 * Weights in the loss: one for each sample, [n], or for each row of the output, such as each pixel of a
 * segmentation. The latter have the output's shape without its last axis, [n, height, width]; a last axis of
 * 1 may follow. Several outputs take a list in their order, or an object by their names. The weighted loss is
 * sum(loss * weight) / number of losses, as in Keras; the sum of the weights doesn't divide it.
 */
export type SampleWeight = DataLike;

/**
 * The shape of the rows of each output's targets: without the batch axis, and without the axis of classes or
 * values.
 */
export type RowShapes = readonly Shape[];

/**
 * Weights for each output, float32 [n, 1] or [n, ...rows]. Throws SHAPE_MISMATCH; reading throws
 * INVALID_ARGUMENT for a weight that isn't finite.
 */
export function weightSources(
  sampleWeight: SampleWeight,
  ports: readonly ModelPort[],
  rows: RowShapes,
  count: number,
): SampleSource[] {
  return valuesByPort(sampleWeight, ports, 'sampleWeight').map(({ value, what }, i) =>
    weightSource(value, what, rows[i], count),
  );
}

function weightSource(value: TensorLike, what: string, rows: Shape, count: number): SampleSource {
  const tensor = toTensor(value, what);
  const own = tensor.shape.slice(1);
  const isBySample = sameShape(own, []) || sameShape(own, [1]);
  const isByRow = rows.length > 0 && (sameShape(own, rows) || sameShape(own, [...rows, 1]));
  if (tensor.rank === 0 || tensor.shape[0] !== count || !(isBySample || isByRow)) {
    const byRow = rows.length > 0 ? `, or for each of their rows: [${[count, ...rows].join(', ')}]` : '';
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${what} has shape [${tensor.shape.join(', ')}]; give a weight for each of the ${count} samples: [${count}]${byRow}.`,
    );
  }
  const shape = isBySample ? [count, 1] : [count, ...rows];
  return new SampleSource(what, tensor.dataSync(), shape, 'float32', toWeights(what));
}

function toWeights(what: string): (slice: TypedArray, start: number) => Float32Array {
  return (slice, start) => {
    const weights = isFloat32Array(slice) ? slice : Float32Array.from(slice);
    const invalid = weights.findIndex((weight) => !Number.isFinite(weight));
    if (invalid < 0) return weights;
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${what}[${start + invalid}] is ${slice[invalid]}; weights are finite numbers of float32.`,
    );
  };
}
