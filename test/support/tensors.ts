import { type Tensor, tensor } from '../../lib/index.js';
import { randomNumbers, sizeOf } from './numeric.js';

/** The elements of a tensor. */
export const valuesOf = (value: Tensor): number[] => Array.from(value.dataSync());

/** A tensor of numbers in [low, high) that depends only on the seed. */
export function randomTensor(shape: readonly number[], seed = 1, low = -1, high = 1): Tensor {
  return tensor(new Float32Array(randomNumbers(sizeOf(shape), seed, low, high)), shape);
}
