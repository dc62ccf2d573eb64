import type { DType } from '../dtype.js';
import type { Shape } from '../../tensor/shapes.js';
import type { Contract } from './contract.js';

/** Attributes of `input`. */
export interface InputAttributes {
  /** The shape of one sample. */
  shape: Shape;
  /**
   * The type of samples that the input expects. Default 'float32'. Engines convert samples of any type to
   * float32 as they read a batch, so a run may provide others. An input that expects int32 takes int32
   * samples from -2^24 to 2^24, which float32 holds exactly; engines throw INVALID_ARGUMENT for others.
   */
  dtype?: DType;
}

/**
 * An input of the program. Inputs must be the first nodes, in the order in which a run provides their
 * samples.
 */
export const input: Contract<InputAttributes> = {
  inputs: 'none',
  attributes: { shape: 'required', dtype: 'optional' },
  parameters: {},
  outputShapes: ({ attributes }) => [attributes.shape],
  outputType: ({ dtype = 'float32' }) => dtype,
};
