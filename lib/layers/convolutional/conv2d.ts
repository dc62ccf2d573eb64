import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { KERNEL_SCHEMA, type KernelLayerOptions, kernelLayerSchema } from '../base-kernel-layer.js';
import { count } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { BASE_CONV2D_SCHEMA, BaseConv2D, type BaseConv2DOptions } from './base-conv2d.js';
import { checkGroupedChannels, checkGroups } from './groups.js';

/** Options of {@link Conv2D}. */
export interface Conv2DOptions extends BaseConv2DOptions, KernelLayerOptions {
  /** Number of kernels, which is the number of output channels. */
  filters: number;
  /**
   * Parts that channels and filters are split into, in their order; each part of the filters sees its own part of the channels
   * only. Divides both numbers. Default 1.
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
 * Cross-correlation of images [height, width, channels] with kernels [kernelHeight, kernelWidth, channels / groups, filters]. Output
 * size per axis: floor((I - ((K - 1) * dilation + 1) + pads) / stride) + 1.
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

/** A 2D convolution: see Conv2D. */
export function conv2d<const O extends Conv2DOptions>(
  options: Given<O, Conv2DOptions>,
): Shaped<Conv2D, 'conv2d', O> {
  return new Conv2D(options);
}
