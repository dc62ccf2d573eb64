import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { kernelLayerSchema } from '../base-kernel-layer.js';
import type { WeightSpec } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { constraint, count, initializer, regularizer } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { describeWeightRules, weightOptions } from '../weight-rules.js';
import { BASE_CONV2D_SCHEMA, type BaseConv2DOptions } from './base-conv2d.js';
import {
  BaseDepthwiseConv2D,
  DEPTHWISE_CONV2D_SCHEMA,
  DEPTHWISE_KERNEL_SCHEMA,
} from './base-depthwise-conv2d.js';

/** Options of {@link SeparableConv2D}. */
export interface SeparableConv2DOptions extends BaseConv2DOptions {
  /** Number of output channels. */
  filters: number;
  /** Number of channels between the two convolutions per input channel. Default 1. */
  depthMultiplier?: number;
  /** How the kernel is initialized. Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerIdentifier;
  /** How the kernel is initialized. Default 'glorotUniform'. */
  pointwiseInitializer?: InitializerIdentifier;
  /** Penalty on the depthwise kernel, as biasRegularizer. Default none. */
  depthwiseRegularizer?: RegularizerIdentifier;
  /** Penalty on the pointwise kernel, as biasRegularizer. Default none. */
  pointwiseRegularizer?: RegularizerIdentifier;
  /** Constraint on the depthwise kernel, as biasConstraint. Default none. */
  depthwiseConstraint?: ConstraintIdentifier;
  /** Constraint on the pointwise kernel, as biasConstraint. Default none. */
  pointwiseConstraint?: ConstraintIdentifier;
}

const SEPARABLE_CONV2D_SCHEMA = {
  filters: required(count),
  ...DEPTHWISE_CONV2D_SCHEMA,
  pointwiseInitializer: optional(initializer, 'glorotUniform'),
  pointwiseRegularizer: optional(regularizer),
  pointwiseConstraint: optional(constraint),
};

export interface SeparableConv2D
  extends FieldsOf<typeof SEPARABLE_CONV2D_SCHEMA>,
    DefaultsOf<typeof BASE_CONV2D_SCHEMA & typeof SEPARABLE_CONV2D_SCHEMA> {}

/**
 * Depthwise separable 2D convolution: a depthwise convolution of each channel, then a 1x1 convolution that
 * mixes channels, a bias and an activation. [height, width, channels] becomes [outHeight, outWidth, filters];
 * the output size is that of {@link Conv2D}.
 *
 * It needs fewer weights than Conv2D: 32 channels, 64 filters and a 3x3 kernel take 3 * 3 * 32 + 32 * 64 =
 * 2336 instead of 3 * 3 * 32 * 64 = 18432.
 *
 * Weights: depthwise_kernel [kernelHeight, kernelWidth, channels, depthMultiplier], pointwise_kernel
 * [1, 1, channels * depthMultiplier, filters] and bias [filters].
 */
export class SeparableConv2D extends BaseDepthwiseConv2D {
  static override readonly className: string = 'SeparableConv2D';
  static override readonly schema: SchemaOf<SeparableConv2DOptions> = {
    ...kernelLayerSchema(DEPTHWISE_KERNEL_SCHEMA),
    ...BASE_CONV2D_SCHEMA,
    ...SEPARABLE_CONV2D_SCHEMA,
  };

  constructor(options: SeparableConv2DOptions) {
    super(options);
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const [depthwise, ...bias] = super.weightSpecs(inputShape);
    const shape = this.pointwiseShape(inputShape);
    return [depthwise, { name: 'pointwise_kernel', shape, initializer: this.pointwiseInitializer }, ...bias];
  }

  protected override inferShape(inputShape: Shape): Shape {
    const depthwise = super.inferShape(inputShape);
    const kernel = this.pointwiseShape(inputShape);
    return opShape(this.checks, 'conv2d', [depthwise], this.pointwiseAttributes, { kernel });
  }

  override lower(lowering: Lowering, input: number): number {
    const inputShape = lowering.shapeOf(input);
    const shape = this.pointwiseShape(inputShape);
    const [kernel, ...bias] = this.lowerParameters(inputShape, this.opKernelShape(inputShape));
    const rules = describeWeightRules(this.checks, weightOptions(this, 'pointwise'), shape, shape);
    const depthwise = lowering.add({
      name: `${this.name}/depthwise`,
      op: 'conv2d',
      inputs: [input],
      attributes: this.attributesFor(inputShape),
      parameters: [kernel],
    });
    const pointwise = lowering.add({
      name: this.name,
      op: 'conv2d',
      inputs: [depthwise],
      attributes: this.pointwiseAttributes,
      parameters: [{ name: 'kernel', shape, ...rules }, ...bias],
    });
    return this.lowerOwnActivation(lowering, pointwise);
  }

  private get pointwiseAttributes(): AttributesOf<'conv2d'> {
    return { strides: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], exact: this.exact };
  }

  private pointwiseShape(inputShape: Shape): Shape {
    return [1, 1, inputShape[2] * this.depthMultiplier, this.filters];
  }
}

/** Makes a {@link SeparableConv2D} layer. */
export function separableConv2d<const O extends SeparableConv2DOptions>(
  options: Given<O, SeparableConv2DOptions>,
): Shaped<SeparableConv2D, 'separableConv2d', O> {
  return new SeparableConv2D(options);
}
