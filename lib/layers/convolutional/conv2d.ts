import type { Initializer } from '../../initializers/index.js';
import type { Shape } from '../../program/description.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { KERNEL_LAYER_OPTIONS, type KernelLayerOptions } from '../base-kernel-layer.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { BASE_CONV2D_OPTIONS, BaseConv2D, type BaseConv2DOptions } from './base-conv2d.js';
import { checkGroupedChannels, readGroups } from './groups.js';

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

/**
 * Cross-correlation of images [height, width, channels] with kernels [kernelHeight, kernelWidth, channels / groups, filters]. Output
 * size per axis: floor((I - ((K - 1) * dilation + 1) + pads) / stride) + 1.
 */
export class Conv2D extends BaseConv2D {
  static override readonly className: string = 'Conv2D';
  static override readonly optionNames: OptionNames<Conv2DOptions> = {
    ...BASE_CONV2D_OPTIONS,
    ...KERNEL_LAYER_OPTIONS,
    filters: true,
    groups: true,
  };

  readonly filters: number;
  readonly groups: number;

  constructor(options: Conv2DOptions) {
    super(options, options?.kernelInitializer);
    const { checks } = this;
    this.filters = checks.whole('filters', options.filters, 1);
    this.groups = readGroups(checks, options.groups, this.filters);
  }

  get kernelInitializer(): Initializer {
    return this.initializerOfKernel;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), filters: this.filters, groups: this.groups };
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, inputShape[2] / this.groups, this.filters];
  }

  protected override outputChannels(inputShape: Shape): number {
    checkGroupedChannels(this.checks, inputShape[2], this.groups);
    return this.filters;
  }

  protected override groupCount(): number {
    return this.groups;
  }
}

/** A 2D convolution: see Conv2D. */
export function conv2d<const O extends Conv2DOptions>(
  options: Given<O, Conv2DOptions>,
): Shaped<Conv2D, 'conv2d', O> {
  return new Conv2D(options);
}
