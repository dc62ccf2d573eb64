import { ConvforgeError } from '../errors.js';
import type { Layer, WeightSpec } from '../layers/base-layer.js';
import { sameShape } from '../layers/shapes.js';
import { show } from '../options.js';
import { Tensor } from '../tensor/index.js';

/** Values in the order of layers as tensors of their shapes. */
export function weightTensors(layers: readonly Layer[], values: readonly Float32Array[]): Tensor[] {
  return allWeights(layers).map(({ shape }, i) => new Tensor(values[i], shape, 'float32'));
}

/** Values of tensors whose number and shapes are checked against the layers. */
export function readWeightValues(
  owner: string,
  layers: readonly Layer[],
  tensors: readonly Tensor[],
): Float32Array[] {
  const weights = allWeights(layers);
  if (!Array.isArray(tensors) || tensors.length !== weights.length) {
    const given = Array.isArray(tensors) ? `${tensors.length} were given` : `${show(tensors)} was given`;
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${owner}: setWeights takes a list of ${weights.length} tensors, one for each weight; ${given}.`,
    );
  }
  return weights.map((weight, i) => readValues(weight, tensors[i]));
}

function readValues({ layer, name, shape }: NamedWeight, tensor: unknown): Float32Array {
  if (!(tensor instanceof Tensor)) {
    throw new ConvforgeError(
      'INVALID_ARGUMENT',
      `${layer}: the ${name} is ${show(tensor)}; it must be a tensor of [${shape.join(', ')}].`,
      { layer },
    );
  }
  if (!sameShape(tensor.shape, shape)) {
    throw new ConvforgeError(
      'SHAPE_MISMATCH',
      `${layer}: the ${name} given has shape [${tensor.shape.join(', ')}]; it must be [${shape.join(', ')}].`,
      { layer },
    );
  }
  const values = tensor.dataSync();
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

interface NamedWeight extends WeightSpec {
  layer: string;
}

function allWeights(layers: readonly Layer[]): NamedWeight[] {
  return layers.flatMap((layer) => layer.weights.map((weight) => ({ ...weight, layer: layer.name })));
}
