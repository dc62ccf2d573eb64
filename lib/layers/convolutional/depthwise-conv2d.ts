import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { kernelLayerSchema } from '../base-kernel-layer.js';
import type { DefaultsOf, SchemaOf } from '../options/schema.js';
import { BASE_CONV2D_SCHEMA, type BaseConv2DOptions } from './base-conv2d.js';
import {
  BaseDepthwiseConv2D,
  DEPTHWISE_CONV2D_SCHEMA,
  DEPTHWISE_KERNEL_SCHEMA,
} from './base-depthwise-conv2d.js';

/** Options of {@link DepthwiseConv2D}. */
export interface DepthwiseConv2DOptions extends BaseConv2DOptions {
  /** Number of output channels per input channel. Default 1. */
  depthMultiplier?: number;
  /** How the kernel is initialized. Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerIdentifier;
  /** Penalty on the kernel, added to the loss: 'l2', or one of `regularizers`. Default none. */
  depthwiseRegularizer?: RegularizerIdentifier;
  /**
   * Constraint on the kernel after each update: 'nonNeg', or one of `constraints`. The axes of a norm must
   * include both or neither of 2 and 3. Default none.
   */
  depthwiseConstraint?: ConstraintIdentifier;
}

export interface DepthwiseConv2D
  extends DefaultsOf<typeof BASE_CONV2D_SCHEMA & typeof DEPTHWISE_CONV2D_SCHEMA> {}

/**
 * Depthwise 2D convolution: each channel has its own filters and isn't mixed with others.
 * [height, width, channels] becomes [outHeight, outWidth, channels * depthMultiplier]. Output channel c *
 * depthMultiplier + m is channel c convolved with its filter m.
 *
 * The output size is that of {@link Conv2D}: 28x28x3 with a 3x3 kernel and depthMultiplier 2 becomes 26x26x6.
 *
 * Weights: depthwise_kernel [kernelHeight, kernelWidth, channels, depthMultiplier] and bias
 * [channels * depthMultiplier].
 */
export class DepthwiseConv2D extends BaseDepthwiseConv2D {
  static override readonly className: string = 'DepthwiseConv2D';
  static override readonly schema: SchemaOf<DepthwiseConv2DOptions> = {
    ...kernelLayerSchema(DEPTHWISE_KERNEL_SCHEMA),
    ...BASE_CONV2D_SCHEMA,
    ...DEPTHWISE_CONV2D_SCHEMA,
  };

  constructor(options: DepthwiseConv2DOptions) {
    super(options);
  }
}

/** Makes a {@link DepthwiseConv2D} layer. */
export function depthwiseConv2d<const O extends DepthwiseConv2DOptions>(
  options: Given<O, DepthwiseConv2DOptions>,
): Shaped<DepthwiseConv2D, 'depthwiseConv2d', O> {
  return new DepthwiseConv2D(options);
}
