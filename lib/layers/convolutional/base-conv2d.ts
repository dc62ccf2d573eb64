import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { type BaseKernelLayerOptions, KernelLayer } from '../base-kernel-layer.js';
import { dataFormat, flagIfTrue, padding, pair } from '../options/kinds.js';
import { type FieldsOf, optional, required } from '../options/schema.js';
import { opShape } from '../op-shape.js';
import { inferPadding, type Padding, type Sides } from '../windows.js';

/** Options of all 2D convolutions. */
export interface BaseConv2DOptions extends BaseKernelLayerOptions {
  /** Height and width of the kernel, or one number for a square. */
  kernelSize: number | readonly [number, number];
  /** Step from one window to the next, [height, width] or one number. Default 1. */
  strides?: number | readonly [number, number];
  /**
   * 'valid' adds no padding. 'same' pads with zeros so that the output has ceil(input / stride) rows and
   * columns. Or give [[top, bottom], [left, right]]. Default 'valid'.
   */
  padding?: Padding;
  /** Distance between neighboring kernel elements, [height, width] or one number. Default 1. */
  dilationRate?: number | readonly [number, number];
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
  /**
   * Whether to avoid Winograd's algorithm. Default false.
   *
   * The algorithm saves three quarters (3x3) or more (5x5) of the multiplications. It computes 4x4 outputs at
   * a time, from sums and differences of the 6x6 (8x8) inputs below them. This has two costs:
   *
   * - It rounds more than a direct sum. The error is up to 1.4e-6 (5x5: 3.5e-6) of the outputs, both as root
   *   mean squares.
   * - An outlier affects all 16 outputs of its tile. Infinity or NaN makes them all NaN. The error is about
   *   1e-7 of the largest input: 1e6 among numbers around 1 leaves one or two correct digits.
   *
   * Set `exact: true` for images with outliers or masks of infinity.
   */
  exact?: boolean;
}

export const BASE_CONV2D_SCHEMA = {
  kernelSize: required(pair),
  strides: optional(pair, 1),
  padding: optional(padding, 'valid'),
  dilationRate: optional(pair, 1),
  dataFormat: optional(dataFormat, 'channelsLast'),
  // Keras and TF.js don't know this option.
  exact: optional(flagIfTrue, false),
};

export interface BaseConv2D extends FieldsOf<typeof BASE_CONV2D_SCHEMA> {}

/** A 2D convolution that lowers to the op conv2d. */
export abstract class BaseConv2D extends KernelLayer {
  /** The op's number of groups. Throws SHAPE_MISMATCH if it doesn't divide the channels. */
  protected abstract groupCount(inputShape: Shape): number;

  /** The kernel's shape in the op: the same elements in the same order. */
  protected opKernelShape(inputShape: Shape): Shape {
    return this.kernelShape(inputShape);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const attributes = this.attributesFor(inputShape);
    return opShape(this.checks, 'conv2d', [inputShape], attributes, {
      kernel: this.opKernelShape(inputShape),
    });
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const convolution = lowering.add({
      name: this.name,
      op: 'conv2d',
      inputs: [input],
      attributes: this.attributesFor(inputShape),
      parameters: this.lowerParameters(inputShape, this.opKernelShape(inputShape)),
    });
    return this.lowerOwnActivation(lowering, convolution);
  }

  /** Throws SHAPE_MISMATCH if the input doesn't fit. */
  protected attributesFor(inputShape: Shape): AttributesOf<'conv2d'> {
    const { strides, dilationRate: dilation, exact } = this;
    const padding = this.windowPadding(inputShape);
    return { strides, dilation, padding, groups: this.groupCount(inputShape), exact };
  }

  private windowPadding(inputShape: Shape): Sides {
    const options = {
      what: 'kernel',
      size: this.kernelSize,
      strides: this.strides,
      dilation: this.dilationRate,
      padding: this.padding,
    };
    return inferPadding(this.checks, options, inputShape);
  }
}
