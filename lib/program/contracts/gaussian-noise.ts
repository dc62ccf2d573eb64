import { type Contract, unchanged } from './contract.js';
import { RANDOM_SOURCE, type RandomSource } from './random-source.js';

/** Attributes of `gaussianNoise`. */
export interface GaussianNoiseAttributes extends RandomSource {
  /** Standard deviation of the noise; at least 0. */
  stddev: number;
  /** Whether the noise multiplies: x * (1 + stddev * z). Default false. */
  multiplies?: boolean;
}

/**
 * In training x + stddev * z with standard normal noise z, otherwise the identity. The z of element e is the
 * standard normal quantile at (2k + 1) / 2^25, where k is random word e without its last 8 bits. The quantile
 * is computed by the single-precision polynomials of Giles (Approximating the erfinv function, 2011), whose
 * relative error is below 1e-6.
 */
export const gaussianNoise: Contract<GaussianNoiseAttributes> = {
  inputs: 'one',
  attributes: { stddev: 'required', multiplies: 'optional', ...RANDOM_SOURCE },
  parameters: {},
  outputShapes: unchanged,
};
