import type { Shape } from '../../program/description.js';
import type { KernelNames } from '../base-kernel-layer.js';
import { constraint, count, initializer, regularizer } from '../options/kinds.js';
import { type FieldsOf, optional } from '../options/schema.js';
import { BaseConv2D } from './base-conv2d.js';

export const DEPTHWISE_KERNEL_SCHEMA = {
  depthwiseInitializer: optional(initializer, 'glorotUniform'),
  depthwiseRegularizer: optional(regularizer),
  depthwiseConstraint: optional(constraint),
};

export const DEPTHWISE_CONV2D_SCHEMA = {
  depthMultiplier: optional(count, 1),
};

export interface BaseDepthwiseConv2D
  extends FieldsOf<typeof DEPTHWISE_KERNEL_SCHEMA & typeof DEPTHWISE_CONV2D_SCHEMA> {}

/** A 2D convolution whose kernel has filters for each channel by itself. */
export abstract class BaseDepthwiseConv2D extends BaseConv2D {
  static override readonly ignoredConfig: Readonly<Record<string, unknown>> = { groups: 1 };

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
