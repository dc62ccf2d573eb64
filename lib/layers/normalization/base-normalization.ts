import type { ConstraintIdentifier } from '../../constraints/index.js';
import type { InitializerIdentifier } from '../../initializers/index.js';
import type { ParameterDescription, Shape } from '../../program/description.js';
import type { RegularizerIdentifier } from '../../regularizers/index.js';
import { LAYER_SCHEMA, Layer, type LayerOptions, type WeightSpec } from '../base-layer.js';
import { aboveZero, constraint, flag, initializer, regularizer } from '../options/kinds.js';
import { type FieldsOf, optional, type Schema, type SchemaOf } from '../options/schema.js';
import { elementCount } from '../shapes.js';
import { describeWeightRules, weightOptions } from '../weight-rules.js';

/** Options of all normalization layers. */
export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance to avoid division by 0. Default 1e-3. */
  epsilon?: number;
  /** Whether to add a learned offset, beta. Default true. */
  center?: boolean;
  /** Whether to multiply by a learned factor, gamma. Default true. */
  scale?: boolean;
  /** How beta is initialized. Default 'zeros'. */
  betaInitializer?: InitializerIdentifier;
  /** How gamma is initialized. Default 'ones'. */
  gammaInitializer?: InitializerIdentifier;
  /** Penalty on beta, added to the loss: 'l1', 'l2', 'l1l2', or one of `regularizers`. Default none. */
  betaRegularizer?: RegularizerIdentifier;
  /** Penalty on gamma, as betaRegularizer. Default none. */
  gammaRegularizer?: RegularizerIdentifier;
  /** Constraint on beta after each update: 'nonNeg', 'maxNorm', or one of `constraints`. Default none. */
  betaConstraint?: ConstraintIdentifier;
  /** Constraint on gamma, as betaConstraint. Default none. */
  gammaConstraint?: ConstraintIdentifier;
}

const SCALING_SCHEMA = {
  epsilon: optional(aboveZero, 1e-3),
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

/**
 * gamma * (x - mean) / sqrt(variance + epsilon) + beta. Each subclass decides which values share a mean and a
 * variance. The output has the input's shape.
 */
export abstract class BaseNormalization extends Layer {
  static override readonly schema: Schema = NORMALIZATION_SCHEMA;

  /** The shape of gamma and beta. */
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

  /** The weights as vectors, as the ops take them. */
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
