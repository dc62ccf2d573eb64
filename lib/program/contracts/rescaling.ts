import { type Contract, unchanged } from './contract.js';

/** Attributes of `rescaling`. */
export interface RescalingAttributes {
  /** The factor. */
  scale: number;
  /** Added after the multiplication. */
  offset: number;
}

/** x * scale + offset. */
export const rescaling: Contract<RescalingAttributes> = {
  inputs: 'one',
  attributes: { scale: 'required', offset: 'required' },
  parameters: {},
  outputShapes: unchanged,
};
