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
  /** Output channels for each input channel. Default 1. */
  depthMultiplier?: number;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerIdentifier;
  /** What the kernels cost, added to the loss: 'l2', or one of `regularizers`. Default nothing. */
  depthwiseRegularizer?: RegularizerIdentifier;
  /** What they are brought to after each update: 'nonNeg', or one of `constraints`, over axes 0 and 1, or all, if over any. Default nothing. */
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
 * A convolution of each channel by itself, with kernels [kernelHeight, kernelWidth, channels, depthMultiplier]: output channel
 * c * depthMultiplier + m is channel c under its kernel m. Output size per axis as for Conv2D.
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

  /** A group has one channel, so the op's kernel is [height, width, 1, channels * depthMultiplier]. */
  protected override opKernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, 1, inputShape[2] * this.depthMultiplier];
  }

  protected override groupCount(inputShape: Shape): number {
    return inputShape[2];
  }
}

/** A depthwise 2D convolution: see DepthwiseConv2D. */
export function depthwiseConv2d<const O extends DepthwiseConv2DOptions>(
  options: Given<O, DepthwiseConv2DOptions>,
): Shaped<DepthwiseConv2D, 'depthwiseConv2d', O> {
  return new DepthwiseConv2D(options);
}
