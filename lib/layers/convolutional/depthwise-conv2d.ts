import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { Shape } from '../../program/description.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { type KernelNames, kernelLayerSchema } from '../base-kernel-layer.js';
import { constraint, count, initializer, regularizer } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, type SchemaOf } from '../options/schema.js';
import { BASE_CONV2D_SCHEMA, BaseConv2D, type BaseConv2DOptions } from './base-conv2d.js';

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

export const DEPTHWISE_KERNEL_SCHEMA = {
  depthwiseInitializer: optional(initializer, 'glorotUniform'),
  depthwiseRegularizer: optional(regularizer),
  depthwiseConstraint: optional(constraint),
};

export const DEPTHWISE_CONV2D_SCHEMA = {
  depthMultiplier: optional(count, 1),
};

export interface DepthwiseConv2D
  extends FieldsOf<typeof DEPTHWISE_KERNEL_SCHEMA & typeof DEPTHWISE_CONV2D_SCHEMA>,
    DefaultsOf<typeof BASE_CONV2D_SCHEMA & typeof DEPTHWISE_CONV2D_SCHEMA> {}

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
export class DepthwiseConv2D extends BaseConv2D {
  static override readonly className: string = 'DepthwiseConv2D';
  static override readonly schema: SchemaOf<DepthwiseConv2DOptions> = {
    ...kernelLayerSchema(DEPTHWISE_KERNEL_SCHEMA),
    ...BASE_CONV2D_SCHEMA,
    ...DEPTHWISE_CONV2D_SCHEMA,
  };
  static override readonly ignoredConfig = { groups: 1 };

  constructor(options: DepthwiseConv2DOptions) {
    super(options);
  }

  protected override get kernelNames(): KernelNames {
    return { weight: 'depthwise_kernel', option: 'depthwise' };
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, inputShape[2], this.depthMultiplier];
  }

  /** The op has a group per channel, so its kernel is [height, width, 1, channels * depthMultiplier]. */
  protected override opKernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, 1, inputShape[2] * this.depthMultiplier];
  }

  protected override groupCount(inputShape: Shape): number {
    return inputShape[2];
  }
}

/** Makes a {@link DepthwiseConv2D} layer. */
export function depthwiseConv2d<const O extends DepthwiseConv2DOptions>(
  options: Given<O, DepthwiseConv2DOptions>,
): Shaped<DepthwiseConv2D, 'depthwiseConv2d', O> {
  return new DepthwiseConv2D(options);
}
