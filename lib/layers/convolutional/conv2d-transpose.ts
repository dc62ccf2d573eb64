import { show } from '../../options.js';
import { checkImage, windowExtent } from '../../program/contracts/window.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import {
  KERNEL_SCHEMA,
  KernelLayer,
  type KernelLayerOptions,
  kernelLayerSchema,
} from '../base-kernel-layer.js';
import { opShape } from '../op-shape.js';
import { count, dataFormat, pair, validOrSame } from '../options/kinds.js';
import {
  type DefaultsOf,
  type FieldsOf,
  type Kind,
  optional,
  required,
  type SchemaOf,
} from '../options/schema.js';

/** Options of {@link Conv2DTranspose}. */
export interface Conv2DTransposeOptions extends KernelLayerOptions {
  /** Number of output channels. */
  filters: number;
  /** Height and width of the kernel, or one number for a square. */
  kernelSize: number | readonly [number, number];
  /** Upsampling factor, [height, width] or one number. Default 1. */
  strides?: number | readonly [number, number];
  /** 'valid' or 'same'; see the output size of {@link Conv2DTranspose}. Default 'valid'. */
  padding?: 'valid' | 'same';
  /**
   * Extra rows and columns at the bottom and right, less than the strides. Default: see the output size of
   * {@link Conv2DTranspose}.
   */
  outputPadding?: number | readonly [number, number];
  /** Distance between neighboring kernel elements, [height, width] or one number. Default 1. */
  dilationRate?: number | readonly [number, number];
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

/** One or two numbers from 0 up. The layer checks them against its strides. */
const cells: Kind<number | readonly [number, number], readonly [number, number]> = {
  read(checks, name, value) {
    const list: unknown[] = Array.isArray(value) ? value : [value, value];
    return list.map((each) => checks.whole(name, each, 0)) as [number, number];
  },
  write: (pair) => [...pair],
};

const CONV2D_TRANSPOSE_SCHEMA = {
  filters: required(count),
  kernelSize: required(pair),
  strides: optional(pair, 1),
  padding: optional(validOrSame, 'valid'),
  outputPadding: optional(cells),
  dilationRate: optional(pair, 1),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface Conv2DTranspose
  extends FieldsOf<typeof KERNEL_SCHEMA & typeof CONV2D_TRANSPOSE_SCHEMA>,
    DefaultsOf<typeof CONV2D_TRANSPOSE_SCHEMA> {}

/**
 * Transposed 2D convolution, also called deconvolution: [h, w, channels] becomes
 * [outHeight, outWidth, filters]. It maps an image back to the size that a {@link Conv2D} with these options
 * would have taken, and so enlarges it by the strides. Decoders and generators use it.
 *
 * Output size per axis, with K = (kernelSize - 1) * dilationRate + 1:
 *
 * - 'same': I * stride. 7 rows with strides 2 give 14.
 * - 'valid': I * stride + max(K - stride, 0). 7 rows with kernelSize 3 and strides 2 give 15.
 * - With outputPadding: (I - 1) * stride + K + outputPadding - 2 * P, where P is floor(K / 2) for 'same' and
 *   0 for 'valid'.
 *
 * These are the sizes of Keras. Weights: kernel [kernelHeight, kernelWidth, filters, channels] and bias
 * [filters].
 */
export class Conv2DTranspose extends KernelLayer {
  static override readonly className: string = 'Conv2DTranspose';
  static override readonly schema: SchemaOf<Conv2DTransposeOptions> = {
    ...kernelLayerSchema(KERNEL_SCHEMA),
    ...CONV2D_TRANSPOSE_SCHEMA,
  };
  static override readonly ignoredConfig = { groups: 1 };

  constructor(options: Conv2DTransposeOptions) {
    super(options);
    this.checkOutputPadding(options.outputPadding);
  }

  protected override inferShape(inputShape: Shape): Shape {
    checkImage(this.checks, inputShape);
    const parameters = { kernel: this.kernelShape(inputShape) };
    return opShape(this.checks, 'conv2dTranspose', [inputShape], this.attributesFor(inputShape), parameters);
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const convolution = lowering.add({
      name: this.name,
      op: 'conv2dTranspose',
      inputs: [input],
      attributes: this.attributesFor(inputShape),
      parameters: this.lowerParameters(inputShape),
    });
    return this.lowerOwnActivation(lowering, convolution);
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, this.filters, inputShape[2]];
  }

  private checkOutputPadding(given: unknown): void {
    const { outputPadding, strides } = this;
    if (!outputPadding) return;
    if (outputPadding.length === 2 && outputPadding.every((each, axis) => each < strides[axis])) return;
    this.checks.fail(
      'INVALID_ARGUMENT',
      `outputPadding is ${show(given)}; it must be one number or two, less than the strides ${strides.join('x')}.`,
    );
  }

  private attributesFor(inputShape: Shape): AttributesOf<'conv2dTranspose'> {
    const { strides, dilationRate: dilation } = this;
    const [rows, columns] = [this.outputSize(inputShape, 0), this.outputSize(inputShape, 1)];
    const padding = [...this.pads(inputShape[0], rows, 0), ...this.pads(inputShape[1], columns, 1)] as const;
    return { strides, dilation, padding, outputSize: [rows, columns] };
  }

  private outputSize(inputShape: Shape, axis: 0 | 1): number {
    const [cells, stride, size] = [inputShape[axis], this.strides[axis], this.span(axis)];
    if (this.outputPadding) {
      const around = this.padding === 'same' ? 2 * Math.floor(size / 2) : 0;
      const output = (cells - 1) * stride + size - around + this.outputPadding[axis];
      return output >= 1
        ? output
        : this.checks.fail('SHAPE_MISMATCH', `an input of ${cells} cells gives an empty output.`);
    }
    return this.padding === 'same' ? cells * stride : cells * stride + Math.max(size - stride, 0);
  }

  private span(axis: 0 | 1): number {
    return windowExtent(this.kernelSize[axis], this.dilationRate[axis]);
  }

  /** The padding of the convolution from the output back to the input. */
  private pads(input: number, output: number, axis: 0 | 1): [number, number] {
    if (this.padding === 'valid') return [0, 0];
    const total = (input - 1) * this.strides[axis] + this.span(axis) - output;
    const around = Math.max(total, 0);
    return [Math.floor(around / 2), Math.ceil(around / 2)];
  }
}

/** Makes a {@link Conv2DTranspose} layer. */
export function conv2dTranspose<const O extends Conv2DTransposeOptions>(
  options: Given<O, Conv2DTransposeOptions>,
): Shaped<Conv2DTranspose, 'conv2dTranspose', O> {
  return new Conv2DTranspose(options);
}
