import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { Initializer, InitializerIdentifier } from '../../initializers/index.js';
import type { ParameterDescription, Shape } from '../../program/description.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import type { KernelNames } from '../base-kernel-layer.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { BASE_CONV2D_OPTIONS, BaseConv2D, type BaseConv2DOptions } from './base-conv2d.js';

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

/**
 * A convolution of each channel by itself, with kernels [kernelHeight, kernelWidth, channels, depthMultiplier]: output channel
 * c * depthMultiplier + m is channel c under its kernel m. Output size per axis as for Conv2D.
 */
export class DepthwiseConv2D extends BaseConv2D {
  static override readonly className: string = 'DepthwiseConv2D';
  static override readonly optionNames: OptionNames<DepthwiseConv2DOptions> = {
    ...BASE_CONV2D_OPTIONS,
    depthMultiplier: true,
    depthwiseInitializer: true,
    depthwiseRegularizer: true,
    depthwiseConstraint: true,
  };

  readonly depthMultiplier: number;

  constructor(options: DepthwiseConv2DOptions) {
    super(options, options?.depthwiseInitializer);
    this.depthMultiplier = this.checks.whole('depthMultiplier', options.depthMultiplier ?? 1, 1);
  }

  get depthwiseInitializer(): Initializer {
    return this.initializerOfKernel;
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }

  protected override get kernelNames(): KernelNames {
    return { weight: 'depthwise_kernel', initializer: 'depthwiseInitializer' };
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, inputShape[2], this.depthMultiplier];
  }

  /** A group has one channel, so the op's kernel is [height, width, 1, channels * depthMultiplier]. */
  protected override lowerParameters(inputShape: Shape): ParameterDescription[] {
    return super.lowerParameters(inputShape, [...this.kernelSize, 1, this.outputChannels(inputShape)]);
  }

  protected override outputChannels(inputShape: Shape): number {
    return inputShape[2] * this.depthMultiplier;
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
