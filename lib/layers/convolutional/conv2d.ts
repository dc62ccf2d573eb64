import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { KERNEL_SCHEMA, type KernelLayerOptions, kernelLayerSchema } from '../base-kernel-layer.js';
import { count } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { BASE_CONV2D_SCHEMA, BaseConv2D, type BaseConv2DOptions } from './base-conv2d.js';
import { checkGroupedChannels, checkGroups } from './groups.js';

/** Options of {@link Conv2D}. */
export interface Conv2DOptions extends BaseConv2DOptions, KernelLayerOptions {
  /** Number of output channels. */
  filters: number;
  /**
   * Number of groups that channels and filters are split into, in order. Each group of filters sees only its
   * own group of channels. Must divide both numbers. Default 1.
   */
  groups?: number;
}

const CONV2D_SCHEMA = {
  filters: required(count),
  groups: optional(count, 1),
};

export interface Conv2D
  extends FieldsOf<typeof KERNEL_SCHEMA & typeof CONV2D_SCHEMA>,
    DefaultsOf<typeof BASE_CONV2D_SCHEMA & typeof CONV2D_SCHEMA> {}

/**
 * 2D convolution of images: [height, width, channels] becomes [outHeight, outWidth, filters]. Each output is
 * the dot product of a filter with the window of the image below it, plus a bias, passed through the
 * activation. Like all convolutions here it is a cross-correlation: the kernel isn't flipped.
 *
 * The output size per axis is `floor((I + padding - extent) / stride) + 1`, with the extent
 * `(K - 1) * dilationRate + 1`. For a 28x28 image and a 3x3 kernel, 'valid' gives floor((28 - 3) / 1) + 1 =
 * 26, so 26x26. 'same' gives 28x28, or 14x14 with strides 2.
 *
 * Weights: kernel [kernelHeight, kernelWidth, channels / groups, filters] and bias [filters].
 *
 * ```ts
 * layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }); // [28, 28, 1] to [26, 26, 32]
 * ```
 */
export class Conv2D extends BaseConv2D {
  static override readonly className: string = 'Conv2D';
  static override readonly schema: SchemaOf<Conv2DOptions> = {
    ...kernelLayerSchema(KERNEL_SCHEMA),
    ...BASE_CONV2D_SCHEMA,
    ...CONV2D_SCHEMA,
  };

  constructor(options: Conv2DOptions) {
    super(options);
    checkGroups(this.checks, this);
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, inputShape[2] / this.groups, this.filters];
  }

  protected override groupCount(inputShape: Shape): number {
    checkGroupedChannels(this.checks, inputShape[2], this.groups);
    return this.groups;
  }
}

/** Makes a {@link Conv2D} layer. */
export function conv2d<const O extends Conv2DOptions>(
  options: Given<O, Conv2DOptions>,
): Shaped<Conv2D, 'conv2d', O> {
  return new Conv2D(options);
}
