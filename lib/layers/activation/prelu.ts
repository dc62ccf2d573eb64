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
  /** Default 'zeros'. */
  alphaInitializer?: InitializerIdentifier;
  /** What the alphas cost, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default nothing. */
  alphaRegularizer?: RegularizerIdentifier;
  /** What they are brought to after each update: 'nonNeg', or one of `constraints`; a norm is over all axes that aren't shared. Default nothing. */
  alphaConstraint?: ConstraintIdentifier;
  /** Axes along which one alpha serves, counted from 1 since the batch is 0: [1, 2] for one a channel of an image. Default none. */
  sharedAxes?: number | readonly number[];
}

/** A config mentions only axes that are there. */
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
 * x where x > 0, elsewhere alpha * x with weights alpha that are learned (He et al., 2015). Any shape to the same shape; alpha has the
 * shape of a sample, with 1 for shared axes. Throws SHAPE_MISMATCH for shared axes that the input doesn't have.
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
    const odd = this.sharedAxes.find((axis) => axis > inputShape.length);
    if (odd !== undefined || inputShape.length === 0) {
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

/** A rectifier that learns its slope below 0: see PReLU. */
export function prelu<const O extends PReLUOptions = NoOptions>(
  options?: Given<O, PReLUOptions>,
): Shaped<PReLU, 'prelu', O> {
  return new PReLU(options);
}
