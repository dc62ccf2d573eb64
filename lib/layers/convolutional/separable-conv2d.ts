import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { AttributesOf, Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, Shaped } from '../../shape-types/index.js';
import { type KernelNames, kernelLayerSchema } from '../base-kernel-layer.js';
import type { WeightSpec } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { constraint, count, initializer, regularizer } from '../options/kinds.js';
import { type DefaultsOf, type FieldsOf, optional, required, type SchemaOf } from '../options/schema.js';
import { describeWeightRules, weightOptions } from '../weight-rules.js';
import { BASE_CONV2D_SCHEMA, BaseConv2D, type BaseConv2DOptions } from './base-conv2d.js';
import { DEPTHWISE_CONV2D_SCHEMA, DEPTHWISE_KERNEL_SCHEMA } from './depthwise-conv2d.js';

/** Options of {@link SeparableConv2D}. */
export interface SeparableConv2DOptions extends BaseConv2DOptions {
  /** Number of output channels. */
  filters: number;
  /** Channels between the two convolutions for each input channel. Default 1. */
  depthMultiplier?: number;
  /** Default 'glorotUniform'. */
  depthwiseInitializer?: InitializerIdentifier;
  /** Default 'glorotUniform'. */
  pointwiseInitializer?: InitializerIdentifier;
  /** What the kernel costs, as biasRegularizer. */
  depthwiseRegularizer?: RegularizerIdentifier;
  /** What the pointwise kernel costs, as biasRegularizer. */
  pointwiseRegularizer?: RegularizerIdentifier;
  /** What the kernel is brought to after each update, as biasConstraint. */
  depthwiseConstraint?: ConstraintIdentifier;
  /** What the pointwise kernel is brought to after each update, as biasConstraint. */
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
  extends FieldsOf<typeof DEPTHWISE_KERNEL_SCHEMA & typeof SEPARABLE_CONV2D_SCHEMA>,
    DefaultsOf<typeof BASE_CONV2D_SCHEMA & typeof SEPARABLE_CONV2D_SCHEMA> {}

/**
 * A depthwise convolution, with kernels [kernelHeight, kernelWidth, channels, depthMultiplier], and a 1x1 convolution of what it gives,
 * with kernels [1, 1, channels * depthMultiplier, filters]. The bias and the activation come last. Output size as for Conv2D.
 */
export class SeparableConv2D extends BaseConv2D {
  static override readonly className: string = 'SeparableConv2D';
  static override readonly schema: SchemaOf<SeparableConv2DOptions> = {
    ...kernelLayerSchema(DEPTHWISE_KERNEL_SCHEMA),
    ...BASE_CONV2D_SCHEMA,
    ...SEPARABLE_CONV2D_SCHEMA,
  };
  static override readonly ignoredConfig = { groups: 1 };

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

  protected override get kernelNames(): KernelNames {
    return { weight: 'depthwise_kernel', option: 'depthwise' };
  }

  protected override kernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, inputShape[2], this.depthMultiplier];
  }

  protected override opKernelShape(inputShape: Shape): Shape {
    return [...this.kernelSize, 1, inputShape[2] * this.depthMultiplier];
  }

  protected override groupCount(inputShape: Shape): number {
    return inputShape[2];
  }

  private get pointwiseAttributes(): AttributesOf<'conv2d'> {
    return { strides: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], exact: this.exact };
  }

  private pointwiseShape(inputShape: Shape): Shape {
    return [1, 1, inputShape[2] * this.depthMultiplier, this.filters];
  }
}

/** A depthwise and a 1x1 convolution: see SeparableConv2D. */
export function separableConv2d<const O extends SeparableConv2DOptions>(
  options: Given<O, SeparableConv2DOptions>,
): Shaped<SeparableConv2D, 'separableConv2d', O> {
  return new SeparableConv2D(options);
}
