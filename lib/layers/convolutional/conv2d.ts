import type { Shape } from '../../program/description.js';
import type { Lowering } from '../../program/lower.js';
import type { OptionNames } from '../base-layer.js';
import { KERNEL_LAYER_OPTIONS, KernelLayer, type KernelLayerOptions } from '../base-kernel-layer.js';
import type { LayerConfig } from '../config.js';
import { checkDataFormat, inferWindows, type Padding, readPadding, type WindowShape } from '../windows.js';

export interface Conv2DOptions extends KernelLayerOptions {
  /** Number of kernels, which is the number of output channels. */
  filters: number;
  /** One number for a square, or [height, width]. */
  kernelSize: number | readonly [number, number];
  /** Cells between two windows, [height, width] or one number. Default 1. */
  strides?: number | readonly [number, number];
  /** Default 'valid'. */
  padding?: Padding;
  /** Cells from one kernel element to the next, [height, width] or one number. Default 1. */
  dilationRate?: number | readonly [number, number];
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/**
 * Cross-correlation of images [height, width, channels] with kernels [kernelHeight, kernelWidth, channels, filters]. Output
 * size per axis: floor((I - ((K - 1) * dilation + 1) + pads) / stride) + 1.
 */
export class Conv2D extends KernelLayer {
  static override readonly className: string = 'Conv2D';
  static override readonly optionNames: OptionNames<Conv2DOptions> = {
    ...KERNEL_LAYER_OPTIONS,
    filters: true,
    kernelSize: true,
    strides: true,
    padding: true,
    dilationRate: true,
    dataFormat: true,
  };

  readonly filters: number;
  readonly kernelSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: Padding;
  readonly dilationRate: readonly [number, number];

  constructor(options: Conv2DOptions) {
    super(options);
    const { checks } = this;
    this.filters = checks.whole('filters', options.filters, 1);
    this.kernelSize = checks.pair('kernelSize', options.kernelSize);
    this.strides = checks.pair('strides', options.strides ?? 1);
    this.padding = readPadding(checks, options.padding ?? 'valid');
    this.dilationRate = checks.pair('dilationRate', options.dilationRate ?? 1);
    checkDataFormat(checks, options.dataFormat);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...this.windows(inputShape).output, this.filters];
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, inputShape[2], this.filters];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const convolution = lowering.add({
      name: this.name,
      op: 'conv2d',
      inputs: [input],
      attributes: {
        strides: this.strides,
        dilation: this.dilationRate,
        padding: this.windows(inputShape).padding,
      },
      parameters: this.lowerParameters(inputShape),
      shape: this.computeOutputShape(inputShape),
    });
    return this.lowerOwnActivation(lowering, convolution);
  }

  override getConfig(): LayerConfig {
    return {
      ...super.getConfig(),
      filters: this.filters,
      kernelSize: [...this.kernelSize],
      strides: [...this.strides],
      padding: this.padding,
      dilationRate: [...this.dilationRate],
      dataFormat: 'channelsLast',
    };
  }

  private windows(inputShape: Shape): WindowShape {
    const options = {
      what: 'kernel',
      size: this.kernelSize,
      strides: this.strides,
      dilation: this.dilationRate,
      padding: this.padding,
    };
    return inferWindows(this.checks, options, inputShape);
  }
}

/** A 2D convolution: see Conv2D. */
export function conv2d(options: Conv2DOptions): Conv2D {
  return new Conv2D(options);
}
