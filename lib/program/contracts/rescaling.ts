import { type Contract, unchanged } from './contract.js';

/** Attributes of `rescaling`. */
export interface RescalingAttributes {
  /** What is multiplied by. */
  scale: number;
  /** What is added then. */
  offset: number;
}

/** x * scale + offset. */
export const rescaling: Contract<RescalingAttributes> = {
  inputs: 'one',
  attributes: { scale: 'required', offset: 'required' },
  parameters: {},
  outputShapes: unchanged,
};
