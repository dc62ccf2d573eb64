import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { ParameterDescription, Shape } from '../../program/description.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions, type WeightSpec } from '../base-layer.js';
import { constraint, flag, initializer, number, regularizer } from '../options/kinds.js';
import { type FieldsOf, optional, type Schema, type SchemaOf } from '../options/schema.js';
import { elementCount } from '../shapes.js';
import { describeWeightRules, weightOptions } from '../weight-rules.js';

/** What every normalization takes. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to variances, so that none is 0. Default 1e-3. */
  epsilon?: number;
  /** Whether there is a beta that is added. Default true. */
  center?: boolean;
  /** Whether there is a gamma that is multiplied by. Default true. */
  scale?: boolean;
  /** Default 'zeros'. */
  betaInitializer?: InitializerIdentifier;
  /** Default 'ones'. */
  gammaInitializer?: InitializerIdentifier;
  /** What beta costs, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default nothing. */
  betaRegularizer?: RegularizerIdentifier;
  /** What gamma costs, as betaRegularizer. */
  gammaRegularizer?: RegularizerIdentifier;
  /** What beta is brought to after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default nothing. */
  betaConstraint?: ConstraintIdentifier;
  /** What gamma is brought to after each update, as betaConstraint. */
  gammaConstraint?: ConstraintIdentifier;
}

const SCALING_SCHEMA = {
  epsilon: optional(
    number((value) => value > 0, 'a number above 0'),
    1e-3,
  ),
  center: optional(flag, true),
  scale: optional(flag, true),
  betaInitializer: optional(initializer, 'zeros'),
  gammaInitializer: optional(initializer, 'ones'),
  betaRegularizer: optional(regularizer),
  betaConstraint: optional(constraint),
  gammaRegularizer: optional(regularizer),
  gammaConstraint: optional(constraint),
};

export const NORMALIZATION_SCHEMA: SchemaOf<NormalizationOptions> = { ...LAYER_SCHEMA, ...SCALING_SCHEMA };

export interface BaseNormalization extends FieldsOf<typeof SCALING_SCHEMA> {}

/** gamma * (x - mean) / sqrt(variance + epsilon) + beta, over values that differ between normalizations. Its output has its input's shape. */
export abstract class BaseNormalization extends Layer {
  static override readonly schema: Schema = NORMALIZATION_SCHEMA;

  /** Shape of gamma and beta. */
  protected abstract scalingShape(inputShape: Shape): Shape;

  protected override inferShape(inputShape: Shape): Shape {
    this.scalingShape(inputShape);
    return inputShape;
  }

  override weightSpecs(inputShape: Shape): readonly WeightSpec[] {
    const shape = this.scalingShape(inputShape);
    const specs: WeightSpec[] = [];
    if (this.scale) specs.push({ name: 'gamma', shape, initializer: this.gammaInitializer });
    if (this.center) specs.push({ name: 'beta', shape, initializer: this.betaInitializer });
    return specs;
  }

  /** The weights as the ops have them: of one axis. */
  protected lowerParameters(inputShape: Shape): ParameterDescription[] {
    return this.weightSpecs(inputShape).map(({ name, shape, trainable = true }) => {
      const opShape = [elementCount(shape)];
      const rules = name === 'beta' || name === 'gamma' ? weightOptions(this, name) : {};
      return {
        name,
        shape: opShape,
        trainable,
        ...describeWeightRules(this.checks, rules, shape, opShape),
      };
    });
  }
}
