import type { Initializer } from '../../initializers/index.js';
import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { KERNEL_LAYER_OPTIONS, KernelLayer, type KernelLayerOptions } from '../base-kernel-layer.js';
import type { OptionNames } from '../base-layer.js';
import type { LayerConfig } from '../config.js';
import { single } from '../pooling/base-pooling1d.js';
import { checkSequence, imageShape, lowerAsImage } from '../reshaping/sequences.js';
import { checkDataFormat, inferWindows, type WindowShape } from '../windows.js';
import { checkGroupedChannels, readGroups } from './groups.js';

/** Options of {@link Conv1D}. */
export interface Conv1DOptions extends KernelLayerOptions {
  /** Number of kernels, which is the number of output channels. */
  filters: number;
  /** Steps. */
  kernelSize: number | readonly [number];
  /** Steps from one window to the next. Default 1. */
  strides?: number | readonly [number];
  /** Default 'valid'. 'causal' pads in front only, so that no output sees a later step. */
  padding?: 'valid' | 'same' | 'causal';
  /** Steps from one kernel element to the next. Default 1. */
  dilationRate?: number | readonly [number];
  /**
   * Number of equal parts that the channels and the filters are split into, in order. Each part of the filters sees its own part of
   * the channels only, so `groups` must divide both numbers. As many groups as channels make a depthwise convolution. Default 1.
   */
  groups?: number;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/**
 * Cross-correlation of sequences [steps, channels] with kernels [kernelSize, channels / groups, filters]. Output steps:
 * floor((I - ((K - 1) * dilation + 1) + pads) / stride) + 1.
 */
export class Conv1D extends KernelLayer {
  static override readonly className: string = 'Conv1D';
  static override readonly optionNames: OptionNames<Conv1DOptions> = {
    ...KERNEL_LAYER_OPTIONS,
    filters: true,
    kernelSize: true,
    strides: true,
    padding: true,
    dilationRate: true,
    groups: true,
    dataFormat: true,
  };

  readonly filters: number;
  readonly kernelSize: number;
  readonly strides: number;
  readonly padding: 'valid' | 'same' | 'causal';
  readonly dilationRate: number;
  readonly groups: number;

  constructor(options: Conv1DOptions) {
    super(options, options?.kernelInitializer);
    const { checks } = this;
    this.filters = checks.whole('filters', options.filters, 1);
    this.kernelSize = checks.whole('kernelSize', single(options.kernelSize), 1);
    this.strides = checks.whole('strides', single(options.strides ?? 1), 1);
    this.dilationRate = checks.whole('dilationRate', single(options.dilationRate ?? 1), 1);
    this.groups = readGroups(checks, options.groups, this.filters);
    const padding = options.padding ?? 'valid';
    if (padding !== 'valid' && padding !== 'same' && padding !== 'causal') {
      checks.fail('INVALID_ARGUMENT', `padding is ${show(padding)}; it must be 'valid', 'same' or 'causal'.`);
    }
    this.padding = padding;
    checkDataFormat(checks, options.dataFormat);
  }

  get kernelInitializer(): Initializer {
    return this.initializerOfKernel;
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkSequence(this.checks, inputShape);
    checkGroupedChannels(this.checks, inputShape[1], this.groups);
    return [this.windows(inputShape).output[0], this.filters];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const [steps, filters] = this.inferShape(inputShape);
    const kernel = [this.kernelSize, 1, inputShape[1] / this.groups, filters];
    // The axes of an activation with options are those of a sequence.
    const isNamed = typeof this.activation === 'string';
    const sequence = lowerAsImage(lowering, this.name, input, (image) => {
      const convolution = lowering.add({
        name: this.name,
        op: 'conv2d',
        inputs: [image],
        attributes: {
          strides: [this.strides, 1],
          dilation: [this.dilationRate, 1],
          padding: this.windows(inputShape).padding,
          groups: this.groups,
        },
        parameters: this.lowerParameters(inputShape, kernel),
        shape: [steps, 1, filters],
      });
      return isNamed ? this.lowerOwnActivation(lowering, convolution) : convolution;
    });
    return isNamed ? sequence : this.lowerOwnActivation(lowering, sequence);
  }

  override getConfig(): LayerConfig {
    const { filters, kernelSize, strides, padding, dilationRate, groups } = this;
    const own = { filters, kernelSize, strides, padding, dilationRate, groups, dataFormat: 'channelsLast' };
    return { ...super.getConfig(), ...own };
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [this.kernelSize, inputShape[1] / this.groups, this.filters];
  }

  private windows(inputShape: Shape): WindowShape {
    const before = (this.kernelSize - 1) * this.dilationRate;
    const options = {
      what: 'kernel',
      size: [this.kernelSize, 1] as const,
      strides: [this.strides, 1] as const,
      dilation: [this.dilationRate, 1] as const,
      padding:
        this.padding === 'causal'
          ? ([
              [before, 0],
              [0, 0],
            ] as const)
          : this.padding,
    };
    return inferWindows(this.checks, options, imageShape(inputShape));
  }
}

/** A 1D convolution: see Conv1D. */
export function conv1d<const O extends Conv1DOptions>(
  options: Given<O, Conv1DOptions>,
): Shaped<Conv1D, 'conv1d', O> {
  return new Conv1D(options);
}
