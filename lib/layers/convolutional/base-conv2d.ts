import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import { type BaseKernelLayerOptions, KernelLayer } from '../base-kernel-layer.js';
import { dataFormat, flag, padding, pair } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, required } from '../options/schema.js';
import { opShape } from '../op-shape.js';
import { inferPadding, type Padding, type Sides } from '../windows.js';

/** What every 2D convolution takes. */
export interface BaseConv2DOptions extends BaseKernelLayerOptions {
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
  /**
   * Whether to do without Winograd's algorithm. Default false.
   *
   * The algorithm takes a quarter (3x3) or less (5x5) of the multiplications. It computes 4x4 outputs together, from sums and
   * differences of the 6x6 (8x8) cells that they see. So it rounds more than a direct sum does: by up to 1.4e-6 and 3.5e-6 of the
   * outputs' root mean square, in the root mean square. And what is extreme in one of the cells reaches outputs that don't touch it:
   *
   * - Infinity or NaN makes all 16 outputs NaN.
   * - The error is some 1e-7 of the largest number there: 1e6 among numbers around 1 leaves one or two digits of the outputs beside it.
   *
   * Give `exact: true` for images with outliers or masks of infinity.
   */
  exact?: boolean;
}

/** Keras and TF.js don't know the option, so a config mentions it only if it is true. */
const exact: Kind<boolean> = { ...flag, write: (isExact) => isExact || undefined };

export const BASE_CONV2D_SCHEMA = {
  kernelSize: required(pair),
  strides: optional(pair, 1),
  padding: optional(padding, 'valid'),
  dilationRate: optional(pair, 1),
  dataFormat: optional(dataFormat, 'channelsLast'),
  exact: optional(exact, false),
};

export interface BaseConv2D extends FieldsOf<typeof BASE_CONV2D_SCHEMA> {}

/** A cross-correlation of images [height, width, channels] with kernels: the windows, and what lowers to the op conv2d. */
export abstract class BaseConv2D extends KernelLayer {
  /** The groups that the op has. Throws SHAPE_MISMATCH if they don't divide the channels. */
  protected abstract groupCount(inputShape: Shape): number;

  /** The shape that the op gives the kernel, of the same elements in the same order. */
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

  /** Throws SHAPE_MISMATCH for an input that the convolution doesn't take. */
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
