import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import { show } from '../../options.js';
import type { Shape } from '../../program/description.js';
import type { Lowering } from '../lower.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import type { Given, NoOptions, Shaped } from '../../shape-types/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions, type WeightSpec } from '../base-layer.js';
import { opShape } from '../op-shape.js';
import { constraint, initializer, regularizer } from '../options/kinds.js';
import { type FieldsOf, type Kind, optional, type SchemaOf } from '../options/schema.js';
import { elementCount, showShape } from '../shapes.js';
import { describeWeightRules, weightOptions } from '../weight-rules.js';

export interface PReLUOptions extends LayerOptions {
  /** How alpha is initialized. Default 'zeros'. */
  alphaInitializer?: InitializerIdentifier;
  /** Penalty on alpha, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default none. */
  alphaRegularizer?: RegularizerIdentifier;
  /**
   * Constraint on alpha after each update: 'nonNeg', or one of `constraints`. A norm must be over all axes
   * that aren't shared. Default none.
   */
  alphaConstraint?: ConstraintIdentifier;
  /**
   * Axes that share one alpha. The batch is axis 0, so they count from 1: [1, 2] learns one alpha per channel
   * of an image. Default none.
   */
  sharedAxes?: number | readonly number[];
}

/** Left out of a config if empty. */
const axes: Kind<number | readonly number[], readonly number[]> = {
  read: (checks, name, value) =>
    (Array.isArray(value) ? value : [value]).map((axis: unknown) => checks.whole(name, axis, 1)),
  write: (list) => (list.length > 0 ? [...list] : undefined),
};

const PRELU_SCHEMA = {
  alphaInitializer: optional(initializer, 'zeros'),
  sharedAxes: optional(axes, []),
  alphaRegularizer: optional(regularizer),
  alphaConstraint: optional(constraint),
};

export interface PReLU extends FieldsOf<typeof PRELU_SCHEMA> {}

/**
 * Parametric rectified linear unit: x where x > 0, otherwise alpha * x with learned alpha (He et al., 2015).
 * The output has the input's shape.
 *
 * Weight: alpha, with the shape of a sample and size 1 along shared axes. Throws SHAPE_MISMATCH if the input
 * lacks a shared axis.
 */
export class PReLU extends Layer {
  static override readonly className: string = 'PReLU';
  static override readonly schema: SchemaOf<PReLUOptions> = { ...LAYER_SCHEMA, ...PRELU_SCHEMA };

  constructor(options: PReLUOptions = {}) {
    super(options);
  }

  protected override inferShape(inputShape: Shape): Shape {
    const alphaShape = this.alphaShape(inputShape);
    const parameters = { alpha: [elementCount(alphaShape)] };
    return opShape(this.checks, 'prelu', [inputShape], { alphaShape }, parameters);
  }

  private alphaShape(inputShape: Shape): number[] {
    const misfit = this.sharedAxes.find((axis) => axis > inputShape.length);
    if (misfit !== undefined || inputShape.length === 0) {
      this.checks.fail(
        'SHAPE_MISMATCH',
        `sharedAxes is ${show(this.sharedAxes)}, but a batch of ${showShape(inputShape)} has ${inputShape.length + 1} axes, the first the batch.`,
      );
    }
    return inputShape.map((size, axis) => (this.sharedAxes.includes(axis + 1) ? 1 : size));
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    return [{ name: 'alpha', shape: this.alphaShape(inputShape), initializer: this.alphaInitializer }];
  }

  override lower(lowering: Lowering, input: number): number {
    const alphaShape = this.alphaShape(lowering.shapeOf(input));
    const alpha = [elementCount(alphaShape)];
    const rules = describeWeightRules(this.checks, weightOptions(this, 'alpha'), alphaShape, alpha);
    return lowering.add({
      name: this.name,
      op: 'prelu',
      inputs: [input],
      attributes: { alphaShape },
      parameters: [{ name: 'alpha', shape: alpha, ...rules }],
    });
  }
}

/** Makes a {@link PReLU} layer. */
export function prelu<const O extends PReLUOptions = NoOptions>(
  options?: Given<O, PReLUOptions>,
): Shaped<PReLU, 'prelu', O> {
  return new PReLU(options);
}
