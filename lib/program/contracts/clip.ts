import { type Contract, unchanged } from './contract.js';

/** Attributes of `clip`. */
export interface ClipAttributes {
  /** The least value. Default none. */
  min?: number;
  /** The greatest value. It wins over a `min` above it. Default none. */
  max?: number;
}

/** min(max(x, min), max). The gradient is 1 from min to max, both included, and 0 elsewhere. NaN stays NaN. */
export const clip: Contract<ClipAttributes> = {
  inputs: 'one',
  attributes: { min: 'optional', max: 'optional' },
  parameters: {},
  outputShapes: unchanged,
};
