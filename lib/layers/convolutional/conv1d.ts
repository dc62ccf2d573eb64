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
import { count, dataFormat, oneOf, single } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { checkSequence, imageShape, lowerAsImage } from '../reshaping/sequences.js';
import { inferPadding, type Sides } from '../windows.js';
import { checkGroupedChannels, checkGroups } from './groups.js';

/** Options of {@link Conv1D}. */
export interface Conv1DOptions extends KernelLayerOptions {
  /** Number of output channels. */
  filters: number;
  /** Length of the kernel. */
  kernelSize: number | readonly [number];
  /** Step from one window to the next. Default 1. */
  strides?: number | readonly [number];
  /**
   * 'valid' adds no padding. 'same' pads with zeros so that the output has ceil(steps / stride) steps.
   * 'causal' pads in front only, so that no output depends on a later step. Default 'valid'.
   */
  padding?: 'valid' | 'same' | 'causal';
  /** Distance between neighboring kernel elements. Default 1. */
  dilationRate?: number | readonly [number];
  /**
   * Number of groups that channels and filters are split into, in order. Each group of filters sees only its
   * own group of channels. Must divide both numbers. As many groups as channels make a depthwise convolution.
   * Default 1.
   */
  groups?: number;
  /** Only 'channelsLast'. */
  dataFormat?: 'channelsLast';
}

const CONV1D_SCHEMA = {
  filters: required(count),
  kernelSize: required(single),
  strides: optional(single, 1),
  padding: optional(oneOf('valid', 'same', 'causal'), 'valid'),
  dilationRate: optional(single, 1),
  groups: optional(count, 1),
  dataFormat: optional(dataFormat, 'channelsLast'),
};

export interface Conv1D
  extends FieldsOf<typeof KERNEL_SCHEMA & typeof CONV1D_SCHEMA>,
    DefaultsOf<typeof CONV1D_SCHEMA> {}

/**
 * 1D convolution of sequences, such as audio or time series: [steps, channels] becomes [outSteps, filters].
 * Like all convolutions here it is a cross-correlation: the kernel isn't flipped.
 *
 * outSteps is `floor((steps + padding - extent) / stride) + 1`, with the extent
 * `(kernelSize - 1) * dilationRate + 1`. With 100 steps, kernelSize 5 and strides 2, 'valid' gives floor((100
 * - 5) / 2) + 1 = 48 steps; 'same' and 'causal' give 50.
 *
 * Weights: kernel [kernelSize, channels / groups, filters] and bias [filters].
 */
export class Conv1D extends KernelLayer {
  static override readonly className: string = 'Conv1D';
  static override readonly schema: SchemaOf<Conv1DOptions> = {
    ...kernelLayerSchema(KERNEL_SCHEMA),
    ...CONV1D_SCHEMA,
  };

  constructor(options: Conv1DOptions) {
    super(options);
    checkGroups(this.checks, this);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const attributes = this.attributesFor(inputShape);
    const parameters = { kernel: this.opKernelShape(inputShape) };
    const image = imageShape(inputShape);
    const [steps, , filters] = opShape(this.checks, 'conv2d', [image], attributes, parameters);
    return [steps, filters];
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    // An activation layer counts the axes of the sequence, not of the image.
    const isNamed = typeof this.activation === 'string';
    const sequence = lowerAsImage(lowering, this.name, input, (image) => {
      const convolution = lowering.add({
        name: this.name,
        op: 'conv2d',
        inputs: [image],
        attributes: this.attributesFor(inputShape),
        parameters: this.lowerParameters(inputShape, this.opKernelShape(inputShape)),
      });
      return isNamed ? this.lowerOwnActivation(lowering, convolution) : convolution;
    });
    return isNamed ? sequence : this.lowerOwnActivation(lowering, sequence);
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [this.kernelSize, inputShape[1] / this.groups, this.filters];
  }

  /** The shape of the op's kernel, which has one column. */
  private opKernelShape(inputShape: Shape): Shape {
    return [this.kernelSize, 1, inputShape[1] / this.groups, this.filters];
  }

  private attributesFor(inputShape: Shape): AttributesOf<'conv2d'> {
    checkSequence(this.checks, inputShape);
    checkGroupedChannels(this.checks, inputShape[1], this.groups);
    const { strides, dilationRate, groups } = this;
    const padding = this.windowPadding(inputShape);
    return { strides: [strides, 1], dilation: [dilationRate, 1], padding, groups };
  }

  private windowPadding(inputShape: Shape): Sides {
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
    return inferPadding(this.checks, options, imageShape(inputShape));
  }
}

/** Makes a {@link Conv1D} layer. */
export function conv1d<const O extends Conv1DOptions>(
  options: Given<O, Conv1DOptions>,
): Shaped<Conv1D, 'conv1d', O> {
  return new Conv1D(options);
}
